package io.shusuan.agent.engine.graph;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.shusuan.agent.engine.onnx.TensorProto;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** The numbers in a tensor message, which keeps them in one of several fields. What is written here is raw, little-endian. */
public final class TensorValues {
    private TensorValues() {}

    public static boolean isFloat(TensorProto tensor) {
        return tensor.getDataType() == DataType.FLOAT_VALUE;
    }

    public static long count(TensorProto tensor) {
        return tensor.getDimsList().stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    }

    /** The values of an FP32 tensor. */
    public static float[] floats(TensorProto tensor) {
        if (!tensor.hasRawData()) {
            float[] values = new float[tensor.getFloatDataCount()];
            for (int i = 0; i < values.length; i++) {
                values[i] = tensor.getFloatData(i);
            }
            return values;
        }
        var raw = tensor.getRawData()
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        float[] values = new float[raw.remaining()];
        raw.get(values);
        return values;
    }

    public static TensorProto floats(String name, List<Long> dims, float[] values) {
        var raw = bytes(values.length, Float.BYTES);
        raw.asFloatBuffer().put(values);
        return raw(name, DataType.FLOAT, dims, raw);
    }

    public static TensorProto scalar(String name, float value) {
        return floats(name, List.of(), new float[] {value});
    }

    public static TensorProto ints(String name, List<Long> dims, int[] values) {
        var raw = bytes(values.length, Integer.BYTES);
        raw.asIntBuffer().put(values);
        return raw(name, DataType.INT32, dims, raw);
    }

    /** A tensor of a type of one byte: INT8, UINT8 or one of the FP8. */
    public static TensorProto bytes(String name, DataType type, List<Long> dims, byte[] values) {
        return raw(name, type, dims, ByteBuffer.wrap(values));
    }

    public static TensorProto raw(String name, DataType type, List<Long> dims, ByteBuffer raw) {
        ByteString bytes = UnsafeByteOperations.unsafeWrap(raw.duplicate().rewind());
        return TensorProto.newBuilder()
                .setName(name)
                .setDataType(type.getNumber())
                .addAllDims(dims)
                .setRawData(bytes)
                .build();
    }

    /** Room for little-endian values. */
    public static ByteBuffer bytes(int count, int size) {
        return ByteBuffer.allocate(Math.multiplyExact(count, size)).order(ByteOrder.LITTLE_ENDIAN);
    }
}
