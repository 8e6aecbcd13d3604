package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.protocol.sharedmemory.SharedMemory;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads one element of a request's {@code inputs}, whatever the order of its members. */
final class InputJson {
    private static final int MAX_RANK = 64;

    private final JsonParser json;
    private final byte[] bytes;
    private final int offset;
    private final int length;
    private final ByteBuf binary;
    private final boolean hasBinary;
    private final SharedMemory memory;
    private final SharedPlaceJson place = new SharedPlaceJson();
    private @Nullable String name;
    private @Nullable DataType type;
    private @Nullable Shape shape;
    private @Nullable Tensor tensor;
    private long binarySize = -1;
    /** Where {@code data} was found when it came before what is needed to read it. */
    private long dataBegin = -1;

    private long dataEnd = -1;

    InputJson(
            JsonParser json,
            byte[] bytes,
            int offset,
            int length,
            ByteBuf binary,
            boolean hasBinary,
            SharedMemory memory) {
        this.json = json;
        this.bytes = bytes;
        this.offset = offset;
        this.length = length;
        this.binary = binary;
        this.hasBinary = hasBinary;
        this.memory = memory;
    }

    /** The input; whoever calls this owns it. */
    Tensor read() {
        boolean done = false;
        try {
            members();
            var finished = finish();
            done = true;
            return finished;
        } finally {
            var begun = tensor;
            if (!done && begun != null) {
                begun.release();
            }
        }
    }

    private void members() {
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            var member = json.currentName();
            var value = json.nextToken();
            switch (member) {
                case "name" -> name = InferJson.text(json, value, "name");
                case "datatype" -> {
                    var given = InferJson.text(json, value, "datatype");
                    type = DataType.named(given)
                            .filter(known -> known.name().equals(given))
                            .orElseThrow(() -> ServingException.invalid("invalid datatype for input " + given(name)));
                }
                case "shape" -> shape = shape(value);
                case "parameters" -> parameters(value);
                case "data" -> data(value);
                default -> json.skipChildren();
            }
        }
    }

    private Shape shape(JsonToken value) {
        InferJson.require(value == JsonToken.START_ARRAY, "shape", "non-array", "array");
        long[] dims = new long[8];
        int rank = 0;
        for (var token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken()) {
            if (rank == MAX_RANK) {
                throw ServingException.invalid(
                        "the shape of input " + given(name) + " has more than " + MAX_RANK + " dimensions");
            }
            if (rank == dims.length) {
                dims = Arrays.copyOf(dims, MAX_RANK);
            }
            dims[rank++] = InferJson.unsigned(json, token, "shape");
        }
        return Shape.of(Arrays.copyOf(dims, rank));
    }

    private void parameters(JsonToken value) {
        InferJson.require(value == JsonToken.START_OBJECT, "parameters", "non-object", "object");
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            var parameter = json.currentName();
            var given = json.nextToken();
            switch (parameter) {
                case "binary_data_size" -> binarySize = InferJson.unsigned(json, given, parameter);
                default -> {
                    if (!place.member(json, parameter, given)) {
                        json.skipChildren();
                    }
                }
            }
        }
    }

    private void data(JsonToken value) {
        InferJson.require(value == JsonToken.START_ARRAY, "data", "non-array", "array");
        var readName = name;
        var readType = type;
        var readShape = shape;
        if (readName != null && readType != null && readShape != null && tensor == null) {
            tensor = TensorJson.read(json, readName, readType, readShape, length);
            return;
        }
        if (dataBegin >= 0 || tensor != null) {
            throw ServingException.malformed("Unable to parse 'data': it is there twice for input " + given(name));
        }
        dataBegin = json.currentTokenLocation().getByteOffset();
        json.skipChildren();
        dataEnd = json.currentLocation().getByteOffset();
    }

    private Tensor finish() {
        var readName = present(name, "name");
        var readType = present(type, "datatype");
        var readShape = present(shape, "shape");
        var shared = place.read();
        if (shared.isPresent()) {
            if (tensor != null || dataBegin >= 0 || binarySize >= 0) {
                throw ServingException.invalid("input '" + readName
                        + "' has both 'shared_memory_region' and data in the request: send one of them");
            }
            return new Tensor(readName, readType, readShape, memory.open(shared.get()));
        }
        if (binarySize >= 0) {
            return binary(readName, readType, readShape);
        }
        var read = tensor;
        if (read != null) {
            return read;
        }
        if (dataBegin < 0) {
            throw ServingException.malformed(
                    "Unable to parse 'data': attempt to access non-existing object member 'data'");
        }
        int begin = offset + Math.toIntExact(dataBegin);
        int size = Math.toIntExact(dataEnd - dataBegin);
        try (var part = Json.parser(bytes, begin, size)) {
            part.nextToken();
            return TensorJson.read(part, readName, readType, readShape, length);
        }
    }

    private Tensor binary(String readName, DataType readType, Shape readShape) {
        if (tensor != null || dataBegin >= 0) {
            throw ServingException.invalid(
                    "input '" + readName + "' has both 'data' and 'binary_data_size': send one of them");
        }
        if (!hasBinary) {
            throw ServingException.invalid("must specify valid '" + RequestBody.JSON_LENGTH_HEADER
                    + "' in request header and 'binary_data_size' when passing inputs in binary data format");
        }
        if (binarySize > binary.readableBytes()) {
            throw ServingException.invalid("unexpected size for input '" + readName + "', expecting " + binarySize
                    + " bytes and " + binary.readableBytes() + " are left in the request");
        }
        return new Tensor(readName, readType, readShape, binary.readRetainedSlice((int) binarySize));
    }

    private static <T> T present(@Nullable T value, String member) {
        if (value == null) {
            throw ServingException.malformed(
                    "Unable to parse '" + member + "': attempt to access non-existing object member '" + member + "'");
        }
        return value;
    }

    private static String given(@Nullable String name) {
        return name == null ? "<unnamed>" : name;
    }
}
