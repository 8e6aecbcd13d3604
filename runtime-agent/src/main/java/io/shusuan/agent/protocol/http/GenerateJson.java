package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.shusuan.agent.config.ModelInterface;
import io.shusuan.agent.config.ModelInterface.Port;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.protocol.GivenParameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads the body of a generate call: a member named as an input is that input, {@code id} is the request's id, and what is left are
 * parameters. The members of {@code parameters} count as if they stood outside.
 */
final class GenerateJson {
    private final ModelInterface model;
    private final List<Tensor> inputs = new ArrayList<>(4);
    private final GivenParameters parameters = new GivenParameters();
    private String id = "";

    private GenerateJson(ModelInterface model) {
        this.model = model;
    }

    /** What the body says; its tensors belong to the caller. */
    static ParsedInfer read(ModelInterface model, ByteBuf body) {
        var reader = new GenerateJson(model);
        byte[] bytes = ByteBufUtil.getBytes(body);
        boolean done = false;
        try (var json = Json.parser(bytes, 0, bytes.length)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw ServingException.malformed("failed to parse the request JSON buffer: not an object");
            }
            reader.members(json, true);
            if (json.nextToken() != null) {
                throw ServingException.malformed(
                        "failed to parse the request JSON buffer: there is more after the object");
            }
            done = true;
            return new ParsedInfer(reader.id, reader.inputs, List.of(), false, reader.parameters);
        } catch (JacksonException wrong) {
            throw InferJson.unreadable(wrong);
        } finally {
            if (!done) {
                reader.inputs.forEach(Tensor::release);
            }
        }
    }

    private void members(JsonParser json, boolean outermost) {
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            var name = json.currentName();
            var value = json.nextToken();
            var input = port(name);
            if (input.isPresent()) {
                inputs.add(tensor(json, value, input.get()));
            } else if (outermost && name.equals("parameters")) {
                InferJson.require(value == JsonToken.START_OBJECT, name, "non-object", "object");
                members(json, false);
            } else if (outermost && name.equals("id")) {
                id = InferJson.text(json, value, name);
            } else {
                parameters.add(name, ParameterJson.read(json, value, name));
            }
        }
    }

    private Optional<Port> port(String name) {
        return model.inputs().stream().filter(port -> port.name().equals(name)).findFirst();
    }

    private Tensor tensor(JsonParser json, JsonToken value, Port port) {
        var elements = TensorJson.readAll(json, value, port.name(), port.type());
        boolean done = false;
        try {
            var tensor = new Tensor(port.name(), port.type(), shape(port, elements.count()), elements.data());
            done = true;
            return tensor;
        } finally {
            if (!done) {
                elements.data().release();
            }
        }
    }

    /** The declared shape, with as many elements as were given in its one open dimension, for a batch of one. */
    private Shape shape(Port port, long count) {
        boolean batched = model.maxBatchSize() > 0 && !port.shapeTensor();
        long[] dims = (batched ? port.shape().withoutBatch() : port.shape()).toArray();
        if (dims.length == 1) {
            dims[0] = count;
        } else if (Arrays.stream(dims).filter(dim -> dim < 0).count() > 1) {
            throw ServingException.invalid("the shape of input '" + port.name()
                    + "' cannot be told from its elements because more than one of its dimensions varies: use infer");
        } else {
            long known = Arrays.stream(dims).filter(dim -> dim >= 0).reduce(1, (a, b) -> a * b);
            for (int i = 0; i < dims.length; i++) {
                if (dims[i] < 0) {
                    dims[i] = known == 0 ? 0 : count / known;
                }
            }
        }
        var shape = Shape.of(dims);
        return batched ? shape.batchedBy(1) : shape;
    }
}
