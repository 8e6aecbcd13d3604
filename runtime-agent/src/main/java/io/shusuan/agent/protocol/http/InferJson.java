package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.protocol.GivenParameters;
import io.shusuan.agent.protocol.sharedmemory.SharedMemory;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads an infer request in one pass over its JSON. Numbers go straight into the tensor's buffer; tensors sent as bytes are slices
 * of the body behind the JSON, in the order of the inputs.
 */
final class InferJson {
    private final byte[] bytes;
    private final int offset;
    private final int length;
    private final ByteBuf binary;
    private final boolean hasBinary;
    private final SharedMemory memory;
    private final List<Tensor> inputs = new ArrayList<>(4);
    private final List<RequestedOutput> outputs = new ArrayList<>(4);
    private final GivenParameters parameters = new GivenParameters();
    private String id = "";
    private boolean binaryByDefault;
    private boolean inputsSeen;

    private InferJson(byte[] bytes, int offset, int length, ByteBuf binary, boolean hasBinary, SharedMemory memory) {
        this.bytes = bytes;
        this.offset = offset;
        this.length = length;
        this.binary = binary;
        this.hasBinary = hasBinary;
        this.memory = memory;
    }

    /**
     * @param binary what follows the JSON; read from its reader index on, whose end must be reached
     * @param hasBinary whether the caller said where the JSON ends
     * @throws ServingException with nothing left retained
     */
    static ParsedInfer read(
            byte[] bytes, int offset, int length, ByteBuf binary, boolean hasBinary, SharedMemory memory) {
        var reader = new InferJson(bytes, offset, length, binary, hasBinary, memory);
        boolean done = false;
        try {
            var parsed = reader.read();
            done = true;
            return parsed;
        } catch (JacksonException wrong) {
            throw unreadable(wrong);
        } finally {
            if (!done) {
                reader.inputs.forEach(Tensor::release);
            }
        }
    }

    static ServingException unreadable(JacksonException wrong) {
        var location = wrong.getLocation();
        long at = location == null ? 0 : Math.max(0, location.getByteOffset());
        return ServingException.malformed(
                "failed to parse the request JSON buffer: " + wrong.getOriginalMessage() + " at " + at);
    }

    private ParsedInfer read() {
        try (var json = Json.parser(bytes, offset, length)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw ServingException.malformed("failed to parse the request JSON buffer: not an object");
            }
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                var member = json.currentName();
                var value = json.nextToken();
                switch (member) {
                    case "id" -> id = text(json, value, "id");
                    case "parameters" -> parameters(json, value);
                    case "inputs" -> inputs(json, value);
                    case "outputs" -> outputs(json, value);
                    default -> json.skipChildren();
                }
            }
            if (json.nextToken() != null) {
                throw ServingException.malformed(
                        "failed to parse the request JSON buffer: there is more after the object at "
                                + json.currentTokenLocation().getByteOffset());
            }
        }
        if (!inputsSeen) {
            throw ServingException.malformed(
                    "Unable to parse 'inputs': attempt to access non-existing object member 'inputs'");
        }
        if (binary.isReadable()) {
            throw ServingException.invalid("unexpected additional input data: " + binary.readableBytes()
                    + " bytes follow the last binary tensor");
        }
        return new ParsedInfer(id, inputs, outputs, binaryByDefault, parameters);
    }

    private void parameters(JsonParser json, JsonToken value) {
        require(value == JsonToken.START_OBJECT, "parameters", "non-object", "object");
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            var name = json.currentName();
            var given = json.nextToken();
            if (name.equals("binary_data_output")) {
                require(given.isBoolean(), name, "non-boolean", "boolean");
                binaryByDefault = given == JsonToken.VALUE_TRUE;
            } else {
                parameters.add(name, ParameterJson.read(json, given, name));
            }
        }
    }

    private void inputs(JsonParser json, JsonToken value) {
        require(value == JsonToken.START_ARRAY, "inputs", "non-array", "array");
        inputsSeen = true;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            require(json.currentToken() == JsonToken.START_OBJECT, "inputs", "non-object", "object");
            inputs.add(new InputJson(json, bytes, offset, length, binary, hasBinary, memory).read());
        }
    }

    private void outputs(JsonParser json, JsonToken value) {
        require(value == JsonToken.START_ARRAY, "outputs", "non-array", "array");
        while (json.nextToken() != JsonToken.END_ARRAY) {
            require(json.currentToken() == JsonToken.START_OBJECT, "outputs", "non-object", "object");
            outputs.add(OutputJson.read(json));
        }
    }

    static String text(JsonParser json, JsonToken value, String member) {
        require(value == JsonToken.VALUE_STRING, member, "non-string", "string");
        return json.getString();
    }

    static long unsigned(JsonParser json, JsonToken value, String member) {
        require(value == JsonToken.VALUE_NUMBER_INT, member, "non-unsigned-integer", "unsigned-integer");
        long number;
        try {
            number = json.getLongValue();
        } catch (JacksonException tooLarge) {
            throw ServingException.malformed("Unable to parse '" + member + "': the number is too large");
        }
        require(number >= 0, member, "non-unsigned-integer", "unsigned-integer");
        return number;
    }

    static void require(boolean fits, String member, String found, String wanted) {
        if (!fits) {
            throw ServingException.malformed(
                    "Unable to parse '" + member + "': attempt to access JSON " + found + " as " + wanted);
        }
    }
}
