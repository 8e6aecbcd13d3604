package io.shusuan.agent.metrics;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.shusuan.agent.inference.Timing;
import io.shusuan.agent.metrics.ModelStatistics.Snapshot;
import io.shusuan.agent.metrics.ModelStatistics.Total;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** How long what a model did in the last minute took, as quantiles: for those who ask for summaries in place of histograms. */
final class LatencySummaries {
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int PIECES = 5;
    /** Values are right to one part in a hundred. */
    private static final int DIGITS = 2;

    private static final double NANOS_PER_MICRO = 1000;

    /** What there are summaries of, under the protocol's names. */
    enum Family {
        REQUEST(
                "nv_inference_request_summary_us",
                "Summary of inference request duration in microseconds (includes cached requests)"),
        QUEUE(
                "nv_inference_queue_summary_us",
                "Summary of inference queuing duration in microseconds (includes cached requests)"),
        COMPUTE_INPUT(
                "nv_inference_compute_input_summary_us",
                "Cumulative compute input duration in microseconds (does not include cached requests)"),
        COMPUTE_INFER(
                "nv_inference_compute_infer_summary_us",
                "Cumulative compute inference duration in microseconds (does not include cached requests)"),
        COMPUTE_OUTPUT(
                "nv_inference_compute_output_summary_us",
                "Cumulative inference compute output duration in microseconds (does not include cached requests)"),
        CACHE_HIT(
                "nv_cache_hit_summary_per_model", "Summary of cache hit counts/durations per model, in microseconds."),
        CACHE_MISS(
                "nv_cache_miss_summary_per_model",
                "Summary of cache miss counts/durations per model, in microseconds.");

        private final String family;
        private final String help;

        Family(String family, String help) {
            this.family = family;
            this.help = help;
        }

        private Total total(Snapshot stats) {
            return switch (this) {
                case REQUEST -> stats.success();
                case QUEUE -> stats.queue();
                case COMPUTE_INPUT -> stats.computeInput();
                case COMPUTE_INFER -> stats.computeInfer();
                case COMPUTE_OUTPUT -> stats.computeOutput();
                case CACHE_HIT -> stats.cacheHit();
                case CACHE_MISS -> stats.cacheMiss();
            };
        }

        String family() {
            return family;
        }

        String help() {
            return help;
        }

        boolean isOfCache() {
            return this == CACHE_HIT || this == CACHE_MISS;
        }
    }

    /** One that forgets what is older than the window. */
    private static final class Recent {
        private final DistributionSummary values;
        private volatile long last;
        private volatile boolean used;

        Recent(SimpleMeterRegistry registry, Family family, List<Double> quantiles) {
            values = DistributionSummary.builder(family.family)
                    .publishPercentiles(
                            quantiles.stream().mapToDouble(Double::doubleValue).toArray())
                    .percentilePrecision(DIGITS)
                    .distributionStatisticExpiry(WINDOW)
                    .distributionStatisticBufferLength(PIECES)
                    .register(registry);
        }

        void record(long nanos) {
            values.record(Math.max(0, nanos) / NANOS_PER_MICRO);
            last = System.nanoTime();
            used = true;
        }

        boolean isEmpty() {
            return !used || System.nanoTime() - last > WINDOW.toNanos();
        }
    }

    private final Map<Family, Recent> recent = new EnumMap<>(Family.class);

    LatencySummaries(List<Double> quantiles) {
        var registry = new SimpleMeterRegistry();
        for (var family : Family.values()) {
            recent.put(family, new Recent(registry, family, quantiles));
        }
    }

    private void record(Family family, long nanos) {
        Objects.requireNonNull(recent.get(family)).record(nanos);
    }

    void succeeded(Timing timing) {
        record(Family.REQUEST, timing.totalNanos());
        record(Family.QUEUE, timing.queueNanos());
        record(Family.COMPUTE_INPUT, timing.inputNanos());
        record(Family.COMPUTE_INFER, timing.inferNanos());
        record(Family.COMPUTE_OUTPUT, timing.outputNanos());
    }

    void answeredFromCache(Timing timing, long lookupNanos) {
        record(Family.REQUEST, timing.totalNanos());
        record(Family.QUEUE, 0);
        record(Family.CACHE_HIT, lookupNanos);
    }

    void missedCache(long nanos) {
        record(Family.CACHE_MISS, nanos);
    }

    /** As Prometheus has summaries: quantiles of the window, NaN where nothing happened in it; the sum and the count of all time. */
    void write(StringBuilder text, Family family, String labels, Snapshot stats) {
        var window = Objects.requireNonNull(recent.get(family));
        boolean empty = window.isEmpty();
        for (var each : window.values.takeSnapshot().percentileValues()) {
            MetricsText.sample(
                    text,
                    family.family,
                    labels + ",quantile=\"" + MetricsText.plain(each.percentile()) + "\"",
                    empty ? "NaN" : MetricsText.plain(each.value()));
        }
        var total = family.total(stats);
        MetricsText.sample(
                text, family.family + "_sum", labels, Long.toString(TimeUnit.NANOSECONDS.toMicros(total.nanos())));
        MetricsText.sample(text, family.family + "_count", labels, Long.toString(total.count()));
    }
}
