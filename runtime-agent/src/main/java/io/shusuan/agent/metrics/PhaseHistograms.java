package io.shusuan.agent.metrics;

import io.shusuan.agent.inference.Timing;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A histogram for each phase. Whoever owns them guards them. */
final class PhaseHistograms {
    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000_000;
    static final long[] BOUNDS = {
        10 * MICRO,
        25 * MICRO,
        50 * MICRO,
        100 * MICRO,
        250 * MICRO,
        500 * MICRO,
        MILLI,
        2_500 * MICRO,
        5 * MILLI,
        10 * MILLI,
        25 * MILLI,
        50 * MILLI,
        100 * MILLI,
        250 * MILLI,
        500 * MILLI,
        1_000 * MILLI,
        2_500 * MILLI
    };

    private final Histogram queue = new Histogram(BOUNDS);
    private final Histogram computeInput = new Histogram(BOUNDS);
    private final Histogram computeInfer = new Histogram(BOUNDS);
    private final Histogram computeOutput = new Histogram(BOUNDS);

    void record(Timing timing) {
        queue.record(timing.queueNanos());
        computeInput.record(timing.inputNanos());
        computeInfer.record(timing.inferNanos());
        computeOutput.record(timing.outputNanos());
    }

    Map<Phase, List<Long>> counts() {
        var counts = new EnumMap<Phase, List<Long>>(Phase.class);
        for (var phase : Phase.values()) {
            counts.put(phase, of(phase).counts());
        }
        return counts;
    }

    Histogram of(Phase phase) {
        return switch (phase) {
            case QUEUE -> queue;
            case COMPUTE_INPUT -> computeInput;
            case COMPUTE_INFER -> computeInfer;
            case COMPUTE_OUTPUT -> computeOutput;
        };
    }
}
