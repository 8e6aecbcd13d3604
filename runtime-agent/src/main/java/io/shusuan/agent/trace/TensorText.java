package io.shusuan.agent.trace;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

/** A tensor as a trace shows it. Values beyond a number of them are left out, which an ellipsis tells. */
record TensorText(String activity, String name, String data, String shape, String type) {
    private static final int MOST_ELEMENTS = 1024;
    private static final int MOST_CHARACTERS = 16 << 10;

    static TensorText of(String activity, Tensor tensor) {
        var shape =
                Arrays.stream(tensor.shape().toArray()).mapToObj(Long::toString).collect(Collectors.joining(","));
        return new TensorText(
                activity, tensor.name(), data(tensor), shape, tensor.type().name());
    }

    private static String data(Tensor tensor) {
        var text = new StringBuilder();
        var data = tensor.data().slice();
        int count = 0;
        while (data.isReadable()) {
            if (count > 0) {
                text.append(',');
            }
            if (count++ == MOST_ELEMENTS || text.length() > MOST_CHARACTERS) {
                return text.append('…').toString();
            }
            append(text, tensor.type(), data);
        }
        return text.toString();
    }

    private static void append(StringBuilder text, DataType type, ByteBuf data) {
        switch (type) {
            case BOOL -> text.append(data.readByte() != 0);
            case UINT8 -> text.append(data.readUnsignedByte());
            case INT8 -> text.append(data.readByte());
            case UINT16 -> text.append(data.readUnsignedShortLE());
            case INT16 -> text.append(data.readShortLE());
            case UINT32 -> text.append(data.readUnsignedIntLE());
            case INT32 -> text.append(data.readIntLE());
            case UINT64 -> text.append(Long.toUnsignedString(data.readLongLE()));
            case INT64 -> text.append(data.readLongLE());
            case FP16 -> text.append(Float.float16ToFloat(data.readShortLE()));
            case BF16 -> text.append(Float.intBitsToFloat(data.readShortLE() << Short.SIZE));
            case FP32 -> text.append(data.readFloatLE());
            case FP64 -> text.append(data.readDoubleLE());
            case BYTES -> {
                int length = data.readIntLE();
                int shown = Math.min(length, MOST_CHARACTERS);
                text.append(data.toString(data.readerIndex(), shown, StandardCharsets.UTF_8));
                data.skipBytes(length);
            }
        }
    }
}
