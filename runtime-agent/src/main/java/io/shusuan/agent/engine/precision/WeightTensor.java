package io.shusuan.agent.engine.precision;

import io.shusuan.agent.engine.graph.TensorValues;
import io.shusuan.agent.engine.onnx.TensorProto;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;

/**
 * Weights seen along one axis, the channels: element {@code i} belongs to channel {@code i / inner % channels}.
 */
record WeightTensor(TensorProto tensor, float[] values, int axis, int channels, int inner) {
    static WeightTensor of(TensorProto tensor, int axis) {
        int inner = 1;
        for (int i = axis + 1; i < tensor.getDimsCount(); i++) {
            inner = Math.multiplyExact(inner, (int) tensor.getDims(i));
        }
        return new WeightTensor(tensor, TensorValues.floats(tensor), axis, (int) tensor.getDims(axis), inner);
    }

    private int channel(int element) {
        return element / inner % channels;
    }

    /** How many scales are tried: a type with an exponent rounds alike at twice the scale, but for the smallest numbers. */
    private static final int TRIED = 16;

    /** A scale for each channel, or one for all, by what is largest there; of FP8 the one that rounds with the least error. */
    float[] scales(Scheme scheme) {
        float[] largest = new float[scheme.perChannel() ? channels : 1];
        for (int i = 0; i < values.length; i++) {
            int place = scheme.perChannel() ? channel(i) : 0;
            largest[place] = Math.max(largest[place], Math.abs(values[i]));
        }
        for (int i = 0; i < largest.length; i++) {
            largest[i] = Scheme.positive(largest[i] / scheme.weightLimit());
        }
        return scheme.weights() == DataType.FLOAT8E4M3FN ? best(largest) : largest;
    }

    private float[] best(float[] least) {
        float[] best = least.clone();
        double[] smallest = errors(least);
        for (int i = 1; i < TRIED; i++) {
            float[] tried = least.clone();
            for (int place = 0; place < tried.length; place++) {
                tried[place] *= (float) Math.pow(2, (double) i / TRIED);
            }
            double[] errors = errors(tried);
            for (int place = 0; place < tried.length; place++) {
                if (errors[place] < smallest[place]) {
                    smallest[place] = errors[place];
                    best[place] = tried[place];
                }
            }
        }
        return best;
    }

    private double[] errors(float[] scales) {
        double[] errors = new double[scales.length];
        for (int i = 0; i < values.length; i++) {
            int place = scales.length == 1 ? 0 : channel(i);
            double error = (double) Float8.rounded(values[i] / scales[place]) * scales[place] - values[i];
            errors[place] += error * error;
        }
        return errors;
    }

    TensorProto quantised(String name, Scheme scheme, float[] scales) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            float value = values[i] / scales[scales.length == 1 ? 0 : channel(i)];
            bytes[i] = scheme.weights() == DataType.INT8
                    ? (byte) Math.clamp((int) Math.rint(value), -scheme.weightLimit(), scheme.weightLimit())
                    : Float8.bits(value);
        }
        return TensorValues.bytes(name, scheme.weights(), tensor.getDimsList(), bytes);
    }
}
