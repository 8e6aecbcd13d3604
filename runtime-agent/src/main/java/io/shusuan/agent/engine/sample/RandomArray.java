package io.shusuan.agent.engine.sample;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import io.shusuan.agent.engine.session.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/** Numbers that mean something to most models: fractions from 0 to 1, and 0 or 1 where a model may look something up by them. */
final class RandomArray {
    private RandomArray() {}

    static NpyArray of(TensorType input, long[] row, int count) throws EngineException {
        long[] shape =
                LongStream.concat(LongStream.of(count), LongStream.of(row)).toArray();
        long elements = LongStream.of(shape).reduce(1, Math::multiplyExact);
        var random = new SplittableRandom(elements);
        var data = ByteBuffer.allocateDirect(Math.toIntExact(Math.multiplyExact(elements, NpyArray.size(input.type()))))
                .order(ByteOrder.nativeOrder());
        for (long i = 0; i < elements; i++) {
            put(input, data, random);
        }
        return new NpyArray(input.name(), input.type(), shape, data.flip());
    }

    /** The same values for each sample. */
    static NpyArray repeated(TensorType input, long[] values, int count) {
        long[] shape = LongStream.concat(LongStream.of(count), LongStream.of(input.shape()))
                .toArray();
        var data = ByteBuffer.allocateDirect(count * values.length * NpyArray.size(input.type()))
                .order(ByteOrder.nativeOrder());
        for (int i = 0; i < count; i++) {
            for (long value : values) {
                if (input.type() == DataType.INT32) {
                    data.putInt((int) value);
                } else {
                    data.putLong(value);
                }
            }
        }
        return new NpyArray(input.name(), input.type(), shape, data.flip());
    }

    private static void put(TensorType input, ByteBuffer data, SplittableRandom random) throws EngineException {
        switch (input.type()) {
            case FLOAT -> data.putFloat((float) random.nextDouble());
            case DOUBLE -> data.putDouble(random.nextDouble());
            case FLOAT16 -> data.putShort(Float.floatToFloat16((float) random.nextDouble()));
            case INT64 -> data.putLong(random.nextInt(2));
            case INT32 -> data.putInt(random.nextInt(2));
            case INT16 -> data.putShort((short) random.nextInt(2));
            case INT8, UINT8, BOOL -> data.put((byte) random.nextInt(2));
            default ->
                throw new EngineException(
                        Fault.SAMPLES_MISMATCH,
                        "no samples can be made up for input " + input + ": give real ones, of numpy.savez");
        }
    }
}
