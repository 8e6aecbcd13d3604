package io.shusuan.agent.engine.session;

import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A tensor's values outside the engine: elements in the machine's order, in memory of their own. Text has four bytes for each character, and
 * all elements are as long as the longest of them.
 */
public record Value(DataType type, long[] shape, ByteBuffer data) {
    public int rank() {
        return shape.length;
    }

    public int count() {
        int count = 1;
        for (long dim : shape) {
            count = Math.multiplyExact(count, Math.toIntExact(dim));
        }
        return count;
    }

    /** The elements of text. */
    String[] texts() {
        var texts = new String[count()];
        var all = data.duplicate().order(ByteOrder.nativeOrder()).rewind().asIntBuffer();
        int[] characters = new int[texts.length == 0 ? 0 : all.remaining() / texts.length];
        for (int i = 0; i < texts.length; i++) {
            all.get(characters);
            int length = characters.length;
            while (length > 0 && characters[length - 1] == 0) {
                length--;
            }
            texts[i] = new String(characters, 0, length);
        }
        return texts;
    }

    /** The elements as FP32, whatever number they are. */
    public float[] floats() {
        float[] values = new float[count()];
        var bytes = data.duplicate().order(ByteOrder.nativeOrder()).rewind();
        switch (type) {
            case FLOAT -> bytes.asFloatBuffer().get(values);
            case FLOAT16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.float16ToFloat(bytes.getShort());
                }
            }
            case BFLOAT16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.intBitsToFloat(bytes.getShort() << 16);
                }
            }
            default -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) number(bytes);
                }
            }
        }
        return values;
    }

    private double number(ByteBuffer bytes) {
        return switch (type) {
            case DOUBLE -> bytes.getDouble();
            case INT64, UINT64 -> bytes.getLong();
            case INT32 -> bytes.getInt();
            case UINT32 -> Integer.toUnsignedLong(bytes.getInt());
            case INT16 -> bytes.getShort();
            case UINT16 -> Short.toUnsignedInt(bytes.getShort());
            case INT8 -> bytes.get();
            case UINT8, BOOL -> Byte.toUnsignedInt(bytes.get());
            default -> throw new IllegalArgumentException("elements of type " + type + " are no numbers");
        };
    }

    /** In how many elements two values of one shape and type differ. */
    public int different(Value other) {
        int different = 0;
        int size = data.capacity() / Math.max(1, count());
        for (int i = 0; i < count(); i++) {
            different += data.slice(i * size, size).equals(other.data.slice(i * size, size)) ? 0 : 1;
        }
        return different;
    }

    public boolean isFloating() {
        return type == DataType.FLOAT
                || type == DataType.DOUBLE
                || type == DataType.FLOAT16
                || type == DataType.BFLOAT16;
    }
}
