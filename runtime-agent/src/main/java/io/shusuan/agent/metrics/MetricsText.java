package io.shusuan.agent.metrics;

import io.shusuan.agent.engine.build.EngineBucket;
import io.shusuan.agent.engine.build.KeptEngine;
import io.shusuan.agent.metrics.ModelStatistics.FailureKind;
import io.shusuan.agent.metrics.ModelStatistics.Snapshot;
import io.shusuan.agent.node.GpuReport;
import io.shusuan.agent.repository.Models;
import io.shusuan.agent.repository.ServedModel;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * The exposition. The families named {@code nv_…} are written here, because a registry would add {@code _total} to counters whose
 * names dashboards already know; the process' own meters come from Micrometer behind them.
 */
public final class MetricsText implements Supplier<String> {
    private static final long NANOS_PER_MICRO = 1000;
    private static final String DROPPED_TRACES = "shusuan_traces_dropped_total";

    private final MetricsChoice choice;
    private final Models models;
    private final LongSupplier droppedTraces;
    private final Supplier<Map<Integer, String>> lostGpus;
    private final Supplier<GpuReport> gpus;
    private final String node;
    private final Supplier<List<KeptEngine>> engines;
    private final Optional<EngineBucket> bucket;
    private final Supplier<String> process;

    public MetricsText(
            MetricsChoice choice,
            Models models,
            LongSupplier droppedTraces,
            Supplier<Map<Integer, String>> lostGpus,
            Supplier<GpuReport> gpus,
            String node,
            Supplier<List<KeptEngine>> engines,
            Optional<EngineBucket> bucket,
            Supplier<String> process) {
        this.choice = choice;
        this.models = models;
        this.droppedTraces = droppedTraces;
        this.lostGpus = lostGpus;
        this.gpus = gpus;
        this.node = node;
        this.engines = engines;
        this.bucket = bucket;
        this.process = process;
    }

    private record Line(ServedModel model, Snapshot stats) {}

    @Override
    public String get() {
        var lines = new ArrayList<Line>();
        for (var model : models.ready()) {
            lines.add(new Line(model, model.statistics().snapshot()));
        }
        var text = new StringBuilder(4096);
        counter(
                text,
                lines,
                "nv_inference_request_success",
                "Number of successful inference requests, all batch sizes",
                s -> s.success().count());
        failures(text, lines);
        counter(
                text,
                lines,
                "nv_inference_count",
                "Number of inferences performed (does not include cached requests)",
                Snapshot::inferences);
        counter(
                text,
                lines,
                "nv_inference_exec_count",
                "Number of model executions performed (does not include cached requests)",
                Snapshot::executions);
        if (choice.counters()) {
            durations(text, lines);
        }
        family(
                text,
                "nv_inference_pending_request_count",
                "gauge",
                "Instantaneous number of pending requests awaiting execution per-model.");
        for (var line : lines) {
            sample(
                    text,
                    "nv_inference_pending_request_count",
                    labels(line.model()),
                    Integer.toString(line.model().pending()));
        }
        loading(text, lines);
        standIns(text, lines);
        GpuMemoryMetrics.write(text, lines.stream().map(Line::model).toList(), lostGpus.get());
        cache(
                text,
                lines.stream()
                        .filter(line -> line.model().config().getResponseCache().getEnable())
                        .toList(),
                choice.counters());
        histogram(text, lines);
        PhaseMetrics.write(text, lines.stream().map(Line::model).toList(), choice.histograms());
        if (!choice.quantiles().isEmpty()) {
            summaries(text, lines);
        }
        var batches = new BatchMetrics();
        for (var line : lines) {
            batches.add(labels(line.model()), line.stats());
        }
        batches.write(text);
        family(text, DROPPED_TRACES, "counter", "Traces given up because they came faster than they could be written");
        sample(text, DROPPED_TRACES, "", Long.toString(droppedTraces.getAsLong()));
        PinnedMemory.write(text);
        if (choice.gpus()) {
            GpuMetrics.write(text, gpus.get(), node);
        }
        EngineMetrics.write(text, engines.get());
        bucket.ifPresent(behind -> EngineBucketMetrics.write(text, behind.figures()));
        if (choice.cpus()) {
            CpuMetrics.write(text);
        }
        return text.append(process.get()).toString();
    }

    private static void durations(StringBuilder text, List<Line> lines) {
        counter(
                text,
                lines,
                "nv_inference_request_duration_us",
                "Cumulative inference request duration in microseconds (includes cached requests)",
                micros(Snapshot::success));
        counter(
                text,
                lines,
                "nv_inference_queue_duration_us",
                "Cumulative inference queuing duration in microseconds (includes cached requests)",
                micros(Snapshot::queue));
        counter(
                text,
                lines,
                "nv_inference_compute_input_duration_us",
                "Cumulative compute input duration in microseconds (does not include cached requests)",
                micros(Snapshot::computeInput));
        counter(
                text,
                lines,
                "nv_inference_compute_infer_duration_us",
                "Cumulative compute inference duration in microseconds (does not include cached requests)",
                micros(Snapshot::computeInfer));
        counter(
                text,
                lines,
                "nv_inference_compute_output_duration_us",
                "Cumulative inference compute output duration in microseconds (does not include cached requests)",
                micros(Snapshot::computeOutput));
    }

    private static void summaries(StringBuilder text, List<Line> lines) {
        for (var family : LatencySummaries.Family.values()) {
            family(text, family.family(), "summary", family.help());
            for (var line : lines) {
                if (!family.isOfCache()
                        || line.model().config().getResponseCache().getEnable()) {
                    line.model()
                            .statistics()
                            .summaries()
                            .ifPresent(summaries -> summaries.write(text, family, labels(line.model()), line.stats()));
                }
            }
        }
    }

    private static ToLongFunction<Snapshot> micros(Function<Snapshot, ModelStatistics.Total> total) {
        return stats -> total.apply(stats).nanos() / NANOS_PER_MICRO;
    }

    private static void counter(
            StringBuilder text, List<Line> lines, String name, String help, ToLongFunction<Snapshot> value) {
        family(text, name, "counter", help);
        for (var line : lines) {
            sample(text, name, labels(line.model()), Long.toString(value.applyAsLong(line.stats())));
        }
    }

    private static void cache(StringBuilder text, List<Line> lines, boolean counters) {
        if (lines.isEmpty()) {
            return;
        }
        counter(
                text,
                lines,
                "nv_cache_num_hits_per_model",
                "Number of cache hits per model",
                s -> s.cacheHit().count());
        counter(
                text,
                lines,
                "nv_cache_num_misses_per_model",
                "Number of cache misses per model",
                s -> s.cacheMiss().count());
        if (!counters) {
            return;
        }
        counter(
                text,
                lines,
                "nv_cache_hit_duration_per_model",
                "Total cache hit duration per model, in microseconds",
                micros(Snapshot::cacheHit));
        counter(
                text,
                lines,
                "nv_cache_miss_duration_per_model",
                "Total cache miss (insert+lookup) duration per model, in microseconds",
                micros(Snapshot::cacheMiss));
    }

    private static void failures(StringBuilder text, List<Line> lines) {
        var name = "nv_inference_request_failure";
        family(text, name, "counter", "Number of failed inference requests, all batch sizes");
        for (var line : lines) {
            for (var kind : FailureKind.values()) {
                sample(
                        text,
                        name,
                        "model=\"" + escaped(line.model().name()) + "\",reason=\"" + kind + "\",version=\""
                                + line.model().version() + "\"" + namespace(line.model()) + tags(line.model()),
                        Long.toString(line.stats().failures().getOrDefault(kind, 0L)));
            }
        }
    }

    private static void histogram(StringBuilder text, List<Line> lines) {
        var name = "shusuan_inference_request_duration_seconds";
        family(text, name, "histogram", "Time from a request's first byte to its answer being ready");
        var bounds = LatencyHistogram.upperBoundsMs();
        for (var line : lines) {
            var labels = labels(line.model());
            var latency = line.model().statistics().latency();
            long[] counts = latency.counts();
            long sum = 0;
            for (int i = 0; i < counts.length; i++) {
                sum += counts[i];
                var bound = i < bounds.size() ? plain(bounds.get(i) / 1000) : "+Inf";
                sample(text, name + "_bucket", labels + ",le=\"" + bound + "\"", Long.toString(sum));
            }
            sample(text, name + "_sum", labels, Double.toString(latency.sumMs() / 1000));
            sample(text, name + "_count", labels, Long.toString(sum));
        }
    }

    private static void standIns(StringBuilder text, List<Line> lines) {
        var name = "shusuan_model_stand_in";
        family(text, name, "gauge", "Models that answer in the place of an engine: building, rejected or failed");
        for (var line : lines) {
            line.model()
                    .standIn()
                    .ifPresent(standIn -> sample(
                            text,
                            name,
                            labels(line.model()) + ",state=\""
                                    + standIn.state().name().toLowerCase(Locale.ROOT) + "\"",
                            "1"));
        }
    }

    private static void loading(StringBuilder text, List<Line> lines) {
        var name = "nv_model_load_duration_secs";
        family(text, name, "gauge", "Model load time in seconds");
        for (var line : lines) {
            var seconds = line.model().statistics().loadNanos() / 1e9;
            sample(text, name, labels(line.model()), Double.toString(seconds));
        }
    }

    /** A bound as the exposition writes it: without an exponent or zeros at its end. */
    static String plain(double bound) {
        return BigDecimal.valueOf(bound).stripTrailingZeros().toPlainString();
    }

    static void family(StringBuilder text, String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    static void sample(StringBuilder text, String name, String labels, String value) {
        text.append(name);
        if (!labels.isEmpty()) {
            text.append('{').append(labels).append('}');
        }
        text.append(' ').append(value).append('\n');
    }

    static String labels(ServedModel model) {
        return "model=\"" + escaped(model.name()) + "\",version=\"" + model.version() + "\"" + namespace(model)
                + tags(model);
    }

    private static String namespace(ServedModel model) {
        var namespace = model.id().namespace();
        return namespace.isEmpty() ? "" : ",namespace=\"" + escaped(namespace) + "\"";
    }

    private static String tags(ServedModel model) {
        var tags = new StringBuilder();
        new TreeMap<>(model.config().getMetricTagsMap())
                .forEach((name, value) -> tags.append(',')
                        .append(name)
                        .append("=\"")
                        .append(escaped(value))
                        .append('"'));
        return tags.toString();
    }

    static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
