package io.shusuan.agent.engine.gate;

import io.shusuan.agent.engine.session.Value;

/** Gathers the differences of one output. */
final class ErrorSum {
    private final String output;
    private double max;
    private double sum;
    private double scale;
    private long count;

    ErrorSum(String output) {
        this.output = output;
    }

    void add(float[] original, float[] converted) {
        for (int i = 0; i < original.length; i++) {
            double difference = difference(original[i], converted[i]);
            max = Math.max(max, difference);
            sum += difference;
            scale += Float.isFinite(original[i]) ? Math.abs(original[i]) : 0;
        }
        count += original.length;
    }

    /** Of whole numbers, which are labels and places more often than amounts, it counts how many are others. */
    void count(Value original, Value converted) {
        int different = original.type() == converted.type() ? original.different(converted) : original.count();
        max = Math.max(max, Math.min(1, different));
        sum += different;
        scale += original.count();
        count += original.count();
    }

    /** What is not a number, or infinite, on one side only is infinitely wrong. */
    private static double difference(float original, float converted) {
        if (Float.compare(original, converted) == 0) {
            return 0;
        }
        double difference = Math.abs((double) original - converted);
        return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
    }

    OutputError result() {
        long elements = Math.max(1, count);
        return new OutputError(output, max, sum / elements, scale / elements);
    }
}
