package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.inference.ByteStrings;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** A tensor's elements as JSON numbers, booleans or strings, nested as the shape says or flat. */
final class TensorJson {
    private static final BigInteger UINT64_END = BigInteger.ONE.shiftLeft(64);

    private TensorJson() {}

    /**
     * Reads the array the parser stands at the beginning of. The buffer grows with what is really there, so a shape alone cannot
     * make the server allocate memory.
     */
    static Tensor read(JsonParser json, String name, DataType type, Shape shape, int documentBytes) {
        refuseUnwritable(type, name);
        long expected = shape.elementCount();
        // no element is shorter than one digit and a comma
        long plausible = Math.min(expected, documentBytes / 2 + 1) * Math.max(4, type.size());
        var buffer = ByteBufAllocator.DEFAULT.directBuffer(Math.clamp(plausible, 16, 64 << 20));
        boolean done = false;
        try {
            long count = 0;
            int depth = 1;
            while (depth > 0) {
                var token = json.nextToken();
                switch (token) {
                    case START_ARRAY -> depth++;
                    case END_ARRAY -> depth--;
                    case null ->
                        throw ServingException.malformed("failed to parse the request JSON buffer: 'data' has no end");
                    default -> {
                        if (++count > expected) {
                            throw mismatch();
                        }
                        element(json, token, name, type, buffer);
                    }
                }
            }
            if (count != expected) {
                throw mismatch();
            }
            done = true;
            return new Tensor(name, type, shape, buffer);
        } finally {
            if (!done) {
                buffer.release();
            }
        }
    }

    /** Elements without a shape. The buffer is the caller's. */
    record Elements(ByteBuf data, long count) {}

    /** Reads one element, or all elements of the array, nested or not, that the parser stands at the beginning of. */
    static Elements readAll(JsonParser json, JsonToken first, String name, DataType type) {
        refuseUnwritable(type, name);
        var buffer = ByteBufAllocator.DEFAULT.directBuffer();
        boolean done = false;
        try {
            long count = 0;
            int depth = 0;
            var token = first;
            while (true) {
                switch (token) {
                    case START_ARRAY -> depth++;
                    case END_ARRAY -> depth--;
                    case null ->
                        throw ServingException.malformed(
                                "failed to parse the request JSON buffer: '" + name + "' has no end");
                    default -> {
                        count++;
                        element(json, token, name, type, buffer);
                    }
                }
                if (depth == 0) {
                    done = true;
                    return new Elements(buffer, count);
                }
                token = json.nextToken();
            }
        } finally {
            if (!done) {
                buffer.release();
            }
        }
    }

    private static void refuseUnwritable(DataType type, String name) {
        if (type == DataType.FP16 || type == DataType.BF16) {
            throw ServingException.invalid("sending " + type
                    + " data via JSON is not supported. Please use the binary data format for input " + name);
        }
    }

    private static ServingException mismatch() {
        return ServingException.malformed("Unable to parse 'data': Shape does not match true shape of 'data' field");
    }

    private static void element(JsonParser json, JsonToken token, String name, DataType type, ByteBuf into) {
        switch (type) {
            case BOOL -> {
                kind(token.isBoolean(), name, type, token);
                into.writeBoolean(token == JsonToken.VALUE_TRUE);
            }
            case UINT8 -> into.writeByte((int) integer(json, token, name, type, 0, 0xFF));
            case INT8 -> into.writeByte((int) integer(json, token, name, type, Byte.MIN_VALUE, Byte.MAX_VALUE));
            case UINT16 -> into.writeShortLE((int) integer(json, token, name, type, 0, 0xFFFF));
            case INT16 -> into.writeShortLE((int) integer(json, token, name, type, Short.MIN_VALUE, Short.MAX_VALUE));
            case UINT32 -> into.writeIntLE((int) integer(json, token, name, type, 0, 0xFFFF_FFFFL));
            case INT32 -> into.writeIntLE((int) integer(json, token, name, type, Integer.MIN_VALUE, Integer.MAX_VALUE));
            case INT64 -> into.writeLongLE(integer(json, token, name, type, Long.MIN_VALUE, Long.MAX_VALUE));
            case UINT64 -> into.writeLongLE(unsignedLong(json, token, name));
            case FP32 -> {
                kind(token.isNumeric(), name, type, token);
                into.writeFloatLE(json.getFloatValue());
            }
            case FP64 -> {
                kind(token.isNumeric(), name, type, token);
                into.writeDoubleLE(json.getDoubleValue());
            }
            case BYTES -> {
                kind(token == JsonToken.VALUE_STRING, name, type, token);
                ByteStrings.append(into, json.getString().getBytes(StandardCharsets.UTF_8));
            }
            case FP16, BF16 -> throw new IllegalStateException("refused before");
        }
    }

    private static long integer(JsonParser json, JsonToken token, String name, DataType type, long least, long most) {
        kind(token == JsonToken.VALUE_NUMBER_INT, name, type, token);
        try {
            long value = json.getLongValue();
            if (value >= least && value <= most) {
                return value;
            }
        } catch (JacksonException tooLarge) {
            // answered below
        }
        throw outOfRange(json, name, type);
    }

    private static long unsignedLong(JsonParser json, JsonToken token, String name) {
        kind(token == JsonToken.VALUE_NUMBER_INT, name, DataType.UINT64, token);
        var value = json.getBigIntegerValue();
        if (value.signum() < 0 || value.compareTo(UINT64_END) >= 0) {
            throw outOfRange(json, name, DataType.UINT64);
        }
        return value.longValue();
    }

    private static ServingException outOfRange(JsonParser json, String name, DataType type) {
        var text = json.getString();
        return ServingException.invalid(
                "Unable to parse 'data': " + (text.length() > 40 ? text.substring(0, 40) + "…" : text) + " of input '"
                        + name + "' does not fit " + type);
    }

    private static void kind(boolean fits, String name, DataType type, JsonToken token) {
        if (!fits) {
            throw ServingException.malformed("Unable to parse 'data': an element of input '" + name + "' is a "
                    + token.name().toLowerCase(Locale.ROOT).replace("value_", "") + ", not " + type);
        }
    }

    /** Writes the elements flat, without the brackets around them. */
    static void write(JsonGenerator json, Tensor tensor) {
        var data = tensor.data();
        int at = data.readerIndex();
        int end = data.writerIndex();
        int step = tensor.type().size();
        switch (tensor.type()) {
            case BOOL -> {
                for (; at < end; at += step) json.writeBoolean(data.getByte(at) != 0);
            }
            case UINT8 -> {
                for (; at < end; at += step) json.writeNumber(data.getUnsignedByte(at));
            }
            case INT8 -> {
                for (; at < end; at += step) json.writeNumber((int) data.getByte(at));
            }
            case UINT16 -> {
                for (; at < end; at += step) json.writeNumber(data.getUnsignedShortLE(at));
            }
            case INT16 -> {
                for (; at < end; at += step) json.writeNumber((int) data.getShortLE(at));
            }
            case UINT32 -> {
                for (; at < end; at += step) json.writeNumber(data.getUnsignedIntLE(at));
            }
            case INT32 -> {
                for (; at < end; at += step) json.writeNumber(data.getIntLE(at));
            }
            case INT64 -> {
                for (; at < end; at += step) json.writeNumber(data.getLongLE(at));
            }
            case UINT64 -> {
                for (; at < end; at += step)
                    json.writeNumber(new BigInteger(Long.toUnsignedString(data.getLongLE(at))));
            }
            case FP32 -> {
                for (; at < end; at += step) json.writeNumber(data.getFloatLE(at));
            }
            case FP64 -> {
                for (; at < end; at += step) json.writeNumber(data.getDoubleLE(at));
            }
            case BYTES -> {
                for (byte[] element : ByteStrings.elements(data))
                    json.writeString(new String(element, StandardCharsets.UTF_8));
            }
            case FP16, BF16 ->
                throw ServingException.invalid("sending " + tensor.type()
                        + " data via JSON is not supported. Please use the binary data format for output "
                        + tensor.name());
        }
    }
}
