package io.shusuan.agent.engine.precision;

import io.shusuan.agent.engine.calibration.Range;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;

/**
 * How numbers are quantised.
 *
 * @param activations the type of what flows between layers; UINT8 is asymmetric, the others are symmetric
 * @param weights the type of constants, symmetric
 * @param weightLimit the largest quantised weight
 * @param chained whether layers hand quantised values to each other, or quantise only what they read
 */
public record Scheme(DataType activations, DataType weights, int weightLimit, boolean perChannel, boolean chained) {
    /** Half the range, so that the sum of two products of 8 bits stays within 16. */
    private static final int REDUCED = 64;

    /** ONNX Runtime's kernels on a CPU: unsigned activations, and weights as large as the processor can take. */
    public static Scheme cpu(boolean perChannel, boolean dotProducts) {
        return new Scheme(DataType.UINT8, DataType.INT8, dotProducts ? Byte.MAX_VALUE : REDUCED, perChannel, true);
    }

    /** TensorRT: everything symmetric. */
    public static Scheme gpu(boolean perChannel) {
        return new Scheme(DataType.INT8, DataType.INT8, Byte.MAX_VALUE, perChannel, false);
    }

    public static Scheme fp8(boolean perChannel) {
        return new Scheme(DataType.FLOAT8E4M3FN, DataType.FLOAT8E4M3FN, Float8.LARGEST, perChannel, false);
    }

    /** The oldest operator set that can express it. */
    public int operatorSet() {
        return weights == DataType.INT8 ? 13 : 19;
    }

    /** What a range of values is multiplied with and where its zero lies. */
    record Step(float scale, int zero) {}

    Step step(Range range) {
        if (activations != DataType.UINT8) {
            float limit = activations == DataType.INT8 ? Byte.MAX_VALUE : Float8.LARGEST;
            return new Step(positive(range.absolute() / limit), 0);
        }
        float min = Math.min(0, range.min());
        float scale = positive((Math.max(0, range.max()) - min) / 255);
        return new Step(scale, Math.clamp(Math.round(-min / scale), 0, 255));
    }

    /** A tensor of zeros has no scale of its own; any will do. */
    static float positive(float scale) {
        return scale >= Float.MIN_NORMAL && Float.isFinite(scale) ? scale : 1;
    }
}
