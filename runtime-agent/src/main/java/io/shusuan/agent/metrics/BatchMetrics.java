package io.shusuan.agent.metrics;

import io.shusuan.agent.metrics.ModelStatistics.Snapshot;
import java.util.ArrayList;
import java.util.List;

/** How large batches were and why they left their queue. */
final class BatchMetrics {
    private static final String SIZES = "shusuan_batch_size";
    private static final String DEPARTURES = "shusuan_batch_departures_total";
    private static final long[] BOUNDS = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};

    private record Line(String labels, Snapshot stats) {}

    private final List<Line> lines = new ArrayList<>();

    void add(String labels, Snapshot stats) {
        lines.add(new Line(labels, stats));
    }

    void write(StringBuilder text) {
        MetricsText.family(text, SIZES, "histogram", "Inferences per execution of the model");
        lines.forEach(line -> sizes(text, line));
        MetricsText.family(text, DEPARTURES, "counter", "Batches by the reason why they left the queue");
        for (var line : lines) {
            for (var why : Departure.values()) {
                MetricsText.sample(
                        text,
                        DEPARTURES,
                        line.labels() + ",reason=\"" + why.label() + "\"",
                        Long.toString(line.stats().departures().getOrDefault(why, 0L)));
            }
        }
    }

    private static void sizes(StringBuilder text, Line line) {
        var batches = line.stats().batches();
        for (long bound : BOUNDS) {
            long below = 0;
            for (var batch : batches.entrySet()) {
                below += batch.getKey() <= bound
                        ? batch.getValue().computeInfer().count()
                        : 0;
            }
            MetricsText.sample(text, SIZES + "_bucket", line.labels() + ",le=\"" + bound + "\"", Long.toString(below));
        }
        long count = 0;
        long sum = 0;
        for (var batch : batches.entrySet()) {
            count += batch.getValue().computeInfer().count();
            sum += batch.getKey() * batch.getValue().computeInfer().count();
        }
        MetricsText.sample(text, SIZES + "_bucket", line.labels() + ",le=\"+Inf\"", Long.toString(count));
        MetricsText.sample(text, SIZES + "_sum", line.labels(), Long.toString(sum));
        MetricsText.sample(text, SIZES + "_count", line.labels(), Long.toString(count));
    }
}
