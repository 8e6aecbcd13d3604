package io.shusuan.agent.engine.precision;

import io.shusuan.agent.engine.graph.TensorValues;
import io.shusuan.agent.engine.onnx.TensorProto;
import java.util.List;

/** A bias as the accumulator has it: 32 bits, in steps of the input's times the weights'. */
record Bias(float[] values, float inputScale) {
    private static final float LARGEST = 1 << 30;

    /** Makes the weights' steps larger where the bias would not fit into 32 bits otherwise. */
    void widen(float[] scales) {
        for (int i = 0; i < values.length; i++) {
            int place = scales.length == 1 ? 0 : i;
            scales[place] = Math.max(scales[place], Math.abs(values[i]) / LARGEST / inputScale);
        }
    }

    float[] scales(float[] weightScales) {
        float[] scales = weightScales.clone();
        for (int i = 0; i < scales.length; i++) {
            scales[i] *= inputScale;
        }
        return scales;
    }

    TensorProto quantised(String name, float[] weightScales) {
        float[] scales = scales(weightScales);
        int[] steps = new int[values.length];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = (int) Math.rint(values[i] / scales[scales.length == 1 ? 0 : i]);
        }
        return TensorValues.ints(name, List.of((long) steps.length), steps);
    }
}
