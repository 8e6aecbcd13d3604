package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.shusuan.agent.inference.CopiedBytes;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.protocol.Classification;
import io.shusuan.agent.protocol.sharedmemory.SharedOutputs;
import io.shusuan.agent.repository.ServedModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;

/**
 * Makes the body of an answer: JSON, and behind it the tensors the caller wants as bytes. Small tensors are copied behind the JSON,
 * one write being cheaper than many; large ones go out from the buffers the engine wrote.
 */
final class InferAnswer {
    private static final int COPY_BELOW = 16 << 10;

    private final ParsedInfer asked;
    private final SharedOutputs shared;
    private final ContentCoding coding;
    private final ServedModel model;

    /** Takes the shared outputs over: {@link #encode} or {@link #cancel} closes them. */
    InferAnswer(ParsedInfer asked, SharedOutputs shared, ContentCoding coding, ServedModel model) {
        this.asked = asked;
        this.shared = shared;
        this.coding = coding;
        this.model = model;
    }

    /** Takes the response over, in success and failure. */
    HttpAnswer encode(InferenceResponse response) {
        try (response;
                shared) {
            var tensors = new ArrayList<Tensor>();
            var own = new ArrayList<Tensor>(0);
            try {
                for (var output : inOrder(response.outputs())) {
                    int classes = classesOf(output.name());
                    if (classes > 0) {
                        var named = Classification.of(output, classes, model);
                        own.add(named);
                        tensors.add(named);
                    } else {
                        tensors.add(output);
                    }
                }
                return encode(response, tensors);
            } finally {
                own.forEach(Tensor::release);
            }
        }
    }

    /** There is nothing to encode. */
    void cancel() {
        shared.close();
    }

    private HttpAnswer encode(InferenceResponse response, List<Tensor> tensors) {
        var binary = new ArrayList<Tensor>(tensors.size());
        for (var tensor : tensors) {
            if (!shared.take(tensor) && isBinary(tensor.name())) {
                binary.add(tensor);
            }
        }
        var json = Json.document(generator -> {
            if (!response.id().isEmpty()) {
                generator.writeStringProperty("id", response.id());
            }
            generator.writeStringProperty("model_name", response.model());
            generator.writeStringProperty("model_version", Long.toString(response.version()));
            if (!response.parameters().isEmpty()) {
                generator.writeObjectPropertyStart("parameters");
                new TreeMap<>(response.parameters()).forEach((name, value) -> {
                    generator.writeName(name);
                    GenerateAnswer.write(generator, value);
                });
                generator.writeEndObject();
            }
            generator.writeArrayPropertyStart("outputs");
            for (var tensor : tensors) {
                describe(generator, tensor, binary.contains(tensor));
            }
            generator.writeEndArray();
        });
        if (binary.isEmpty()) {
            return coding.encode(HttpAnswer.json(json));
        }
        int jsonBytes = json.readableBytes();
        return coding.encode(new HttpAnswer(
                HttpResponseStatus.OK,
                HttpAnswer.BINARY,
                Map.of(RequestBody.JSON_LENGTH_HEADER, Integer.toString(jsonBytes)),
                behind(json, binary)));
    }

    private void describe(JsonGenerator json, Tensor tensor, boolean binary) {
        json.writeStartObject();
        json.writeStringProperty("name", tensor.name());
        json.writeStringProperty("datatype", tensor.type().name());
        json.writeArrayPropertyStart("shape");
        for (long dim : tensor.shape().toArray()) {
            json.writeNumber(dim);
        }
        json.writeEndArray();
        var place = shared.place(tensor.name());
        if (place != null) {
            json.writeObjectPropertyStart("parameters");
            json.writeStringProperty("shared_memory_region", place.region());
            json.writeNumberProperty("shared_memory_byte_size", tensor.data().readableBytes());
            if (place.offset() > 0) {
                json.writeNumberProperty("shared_memory_offset", place.offset());
            }
            json.writeEndObject();
        } else if (binary) {
            json.writeObjectPropertyStart("parameters");
            json.writeNumberProperty("binary_data_size", tensor.data().readableBytes());
            json.writeEndObject();
        } else {
            json.writeArrayPropertyStart("data");
            TensorJson.write(json, tensor);
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static ByteBuf behind(ByteBuf json, List<Tensor> binary) {
        long bytes = 0;
        for (var tensor : binary) {
            bytes += tensor.data().readableBytes();
        }
        if (bytes <= COPY_BELOW) {
            CopiedBytes.add(bytes);
            for (var tensor : binary) {
                json.writeBytes(
                        tensor.data(),
                        tensor.data().readerIndex(),
                        tensor.data().readableBytes());
            }
            return json;
        }
        CompositeByteBuf body = ByteBufAllocator.DEFAULT.compositeBuffer(binary.size() + 1);
        body.addComponent(true, json);
        binary.forEach(tensor -> body.addComponent(true, tensor.data().retainedSlice()));
        return body;
    }

    /** In the order the caller asked for, or the model's when none was asked for by name. */
    private List<Tensor> inOrder(List<Tensor> outputs) {
        if (asked.outputs().isEmpty()) {
            return outputs;
        }
        var byName = new LinkedHashMap<String, Tensor>();
        outputs.forEach(output -> byName.put(output.name(), output));
        var ordered = new ArrayList<Tensor>();
        for (var output : asked.outputs()) {
            var tensor = byName.remove(output.name());
            if (tensor != null) {
                ordered.add(tensor);
            }
        }
        return ordered;
    }

    private boolean isBinary(String output) {
        for (var requested : asked.outputs()) {
            var binary = requested.binary();
            if (requested.name().equals(output) && binary != null) {
                return binary;
            }
        }
        return asked.binaryByDefault();
    }

    private int classesOf(String output) {
        for (var requested : asked.outputs()) {
            if (requested.name().equals(output)) {
                return requested.classes();
            }
        }
        return 0;
    }
}
