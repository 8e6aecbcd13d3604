package io.shusuan.agent.engine.gate;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.session.RunnableModel;
import io.shusuan.agent.engine.session.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** The time of one bare run, before and after: medians, in milliseconds. */
public record Latency(int threads, int runs, double beforeMs, double afterMs) {
    private static final int WARM_UP = 3;
    private static final int LEAST = 10;
    private static final int MOST = 2000;

    public double speedup() {
        return beforeMs / afterMs;
    }

    /** Runs the two by turns, so that what else the machine does falls on both. */
    public static Latency measure(
            RunnableModel original, RunnableModel converted, Map<String, Value> inputs, int threads, Duration time)
            throws EngineException {
        var before = new ArrayList<Long>();
        var after = new ArrayList<Long>();
        try (var first = original.bare(inputs);
                var second = converted.bare(inputs)) {
            for (int i = 0; i < WARM_UP; i++) {
                first.run();
                second.run();
            }
            long end = System.nanoTime() + time.toNanos();
            while (before.size() < LEAST || (System.nanoTime() < end && before.size() < MOST)) {
                before.add(nanos(first));
                after.add(nanos(second));
            }
        }
        return new Latency(threads, before.size(), median(before), median(after));
    }

    private static long nanos(RunnableModel.BareRun run) throws EngineException {
        long begin = System.nanoTime();
        run.run();
        return System.nanoTime() - begin;
    }

    private static double median(List<Long> nanos) {
        Collections.sort(nanos);
        return nanos.get(nanos.size() / 2) / 1e6;
    }
}
