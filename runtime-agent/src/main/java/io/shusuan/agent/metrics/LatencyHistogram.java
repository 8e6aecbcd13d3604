package io.shusuan.agent.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** How long requests took, from the first byte read to the answer being ready, in buckets that can be added up over agents. */
public final class LatencyHistogram {
    private static final double[] BOUNDS_MS = {0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500};
    private static final double NANOS_PER_MS = 1_000_000;

    /** Upper bounds of the buckets; one more bucket takes what is slower. */
    public static List<Double> upperBoundsMs() {
        return Arrays.stream(BOUNDS_MS).boxed().toList();
    }

    private final AtomicLongArray counts = new AtomicLongArray(BOUNDS_MS.length + 1);
    private final LongAdder sumNanos = new LongAdder();

    void record(long nanos) {
        double millis = nanos / NANOS_PER_MS;
        int bucket = 0;
        while (bucket < BOUNDS_MS.length && millis > BOUNDS_MS[bucket]) {
            bucket++;
        }
        counts.incrementAndGet(bucket);
        sumNanos.add(nanos);
    }

    /** Requests per bucket, not cumulative, one more than there are bounds. */
    public long[] counts() {
        long[] copy = new long[counts.length()];
        for (int i = 0; i < copy.length; i++) {
            copy[i] = counts.get(i);
        }
        return copy;
    }

    public double sumMs() {
        return sumNanos.sum() / NANOS_PER_MS;
    }
}
