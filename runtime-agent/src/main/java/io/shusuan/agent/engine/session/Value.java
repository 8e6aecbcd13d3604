package io.shusuan.agent.engine.session;

import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A tensor's values outside the engine: elements in the machine's order, in memory of their own. */
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

    public boolean isFloating() {
        return type == DataType.FLOAT
                || type == DataType.DOUBLE
                || type == DataType.FLOAT16
                || type == DataType.BFLOAT16;
    }
}
