package io.shusuan.agent.metrics;

import java.util.Arrays;
import java.util.List;

/** Durations counted in buckets. Whoever owns it guards it. */
final class Histogram {
    private final long[] boundsNanos;
    private final long[] counts;
    private long sumNanos;

    /** @param boundsNanos the upper bounds, ascending; one more bucket takes what is longer */
    Histogram(long... boundsNanos) {
        this.boundsNanos = boundsNanos;
        this.counts = new long[boundsNanos.length + 1];
    }

    private Histogram(Histogram other) {
        this.boundsNanos = other.boundsNanos;
        this.counts = other.counts.clone();
        this.sumNanos = other.sumNanos;
    }

    void record(long nanos) {
        int bucket = 0;
        while (bucket < boundsNanos.length && nanos > boundsNanos[bucket]) {
            bucket++;
        }
        counts[bucket]++;
        sumNanos += nanos;
    }

    /** How often each bucket was met, not cumulative. */
    List<Long> counts() {
        return Arrays.stream(counts).boxed().toList();
    }

    Histogram copy() {
        return new Histogram(this);
    }

    /** Writes it as Prometheus has it, in a unit of so many nanoseconds. */
    void write(StringBuilder text, String name, String labels, double unitNanos) {
        long below = 0;
        for (int i = 0; i < counts.length; i++) {
            below += counts[i];
            var bound = i < boundsNanos.length ? MetricsText.plain(boundsNanos[i] / unitNanos) : "+Inf";
            MetricsText.sample(text, name + "_bucket", labels + ",le=\"" + bound + "\"", Long.toString(below));
        }
        MetricsText.sample(text, name + "_sum", labels, Double.toString(sumNanos / unitNanos));
        MetricsText.sample(
                text,
                name + "_count",
                labels,
                Long.toString(Arrays.stream(counts).sum()));
    }
}
