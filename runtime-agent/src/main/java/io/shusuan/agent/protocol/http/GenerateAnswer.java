package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.Parameter;
import io.shusuan.agent.inference.Tensor;
import java.math.BigInteger;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;

/** An answer of a generate call: each output by its name, in the order of the names, flat, and a single element without brackets. */
final class GenerateAnswer {
    private GenerateAnswer() {}

    /** A buffer with the object, owned by the caller. The response stays the caller's. */
    static ByteBuf json(InferenceResponse response) {
        var members = new TreeMap<String, Json.Writing>();
        if (!response.id().isEmpty()) {
            members.put("id", json -> json.writeString(response.id()));
        }
        members.put("model_name", json -> json.writeString(response.model()));
        members.put("model_version", json -> json.writeString(Long.toString(response.version())));
        response.parameters().forEach((name, value) -> members.put(name, json -> write(json, value)));
        response.outputs().forEach(output -> members.put(output.name(), json -> write(json, output)));
        return Json.document(json -> members.forEach((name, value) -> {
            json.writeName(name);
            value.write(json);
        }));
    }

    private static void write(JsonGenerator json, Tensor output) {
        boolean single = output.shape().elementCount() == 1;
        if (!single) {
            json.writeStartArray();
        }
        TensorJson.write(json, output);
        if (!single) {
            json.writeEndArray();
        }
    }

    static void write(JsonGenerator json, Parameter value) {
        switch (value) {
            case Parameter.Flag flag -> json.writeBoolean(flag.value());
            case Parameter.Whole number -> json.writeNumber(number.value());
            case Parameter.Unsigned number -> json.writeNumber(new BigInteger(Long.toUnsignedString(number.value())));
            case Parameter.Real number -> json.writeNumber(number.value());
            case Parameter.Text text -> json.writeString(text.value());
        }
    }
}
