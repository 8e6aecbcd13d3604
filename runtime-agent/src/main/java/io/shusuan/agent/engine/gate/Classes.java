package io.shusuan.agent.engine.gate;

import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import io.shusuan.agent.engine.session.Value;
import java.util.Map;

/** The class that a classifier's answer names: its label output where there is one, else the largest of its scores. */
final class Classes {
    private Classes() {}

    /** Writes the classes of some samples; false when no output looks like a classifier's. */
    static boolean fill(Map<String, Value> answer, int[] classes, int first, int rows) {
        for (var value : answer.values()) {
            if (value.type() == DataType.INT64 && value.rank() == 1 && value.count() == rows) {
                var labels = value.floats();
                for (int row = 0; row < rows; row++) {
                    classes[first + row] = (int) labels[row];
                }
                return true;
            }
        }
        for (var value : answer.values()) {
            if (value.isFloating() && value.rank() == 2 && value.shape()[0] == rows && value.shape()[1] > 1) {
                largest(value.floats(), classes, first, rows);
                return true;
            }
        }
        return false;
    }

    private static void largest(float[] scores, int[] classes, int first, int rows) {
        int width = scores.length / rows;
        for (int row = 0; row < rows; row++) {
            int best = 0;
            for (int c = 1; c < width; c++) {
                if (scores[row * width + c] > scores[row * width + best]) {
                    best = c;
                }
            }
            classes[first + row] = best;
        }
    }
}
