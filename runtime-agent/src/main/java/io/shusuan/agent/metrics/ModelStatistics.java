package io.shusuan.agent.metrics;

import io.shusuan.agent.config.MetricControls;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.Timing;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one model version has done. Updates take a short lock, once per request: the counts belong together, and a reader always
 * sees a consistent set.
 */
public final class ModelStatistics {
    /** A count with the time it took. */
    public record Total(long count, long nanos) {
        static final Total NONE = new Total(0, 0);

        Total plus(long moreNanos) {
            return new Total(count + 1, nanos + moreNanos);
        }
    }

    /** How often a batch of one size ran. */
    public record BatchTotals(Total computeInput, Total computeInfer, Total computeOutput) {
        static final BatchTotals NONE = new BatchTotals(Total.NONE, Total.NONE, Total.NONE);
    }

    /** Why a request failed, by the names the metrics use. */
    public enum FailureKind {
        REJECTED,
        CANCELED,
        BACKEND,
        OTHER;

        static FailureKind of(Reason reason) {
            return switch (reason) {
                case UNAVAILABLE -> REJECTED;
                case CANCELLED -> CANCELED;
                case BACKEND -> BACKEND;
                case INVALID,
                        MALFORMED,
                        NOT_FOUND,
                        ALREADY_EXISTS,
                        UNAUTHENTICATED,
                        RESTRICTED,
                        UNSUPPORTED,
                        TOO_LARGE,
                        INTERNAL -> OTHER;
            };
        }
    }

    /** Everything at one moment. */
    public record Snapshot(
            long lastInferenceMillis,
            long inferences,
            long executions,
            Total success,
            Total failure,
            Total queue,
            Total computeInput,
            Total computeInfer,
            Total computeOutput,
            Total cacheHit,
            Total cacheMiss,
            Map<FailureKind, Long> failures,
            Map<Long, BatchTotals> batches,
            Map<Departure, Long> departures,
            Map<Phase, List<Long>> phases) {}

    private final PhaseHistograms phases = new PhaseHistograms();
    private final Histogram firstResponses;
    private final ResponseStatistics responses = new ResponseStatistics();
    private final LatencyHistogram latency = new LatencyHistogram();
    private final Map<FailureKind, Long> failures = new EnumMap<>(FailureKind.class);
    private final Map<Long, BatchTotals> batches = new TreeMap<>();
    private final Map<Departure, Long> departures = new EnumMap<>(Departure.class);
    private final @Nullable LatencySummaries summaries;
    private volatile long loadNanos;
    private long lastInferenceMillis;
    private long inferences;
    private long executions;
    private Total success = Total.NONE;
    private Total failure = Total.NONE;
    private Total queue = Total.NONE;
    private Total computeInput = Total.NONE;
    private Total computeInfer = Total.NONE;
    private Total computeOutput = Total.NONE;
    private Total cacheHit = Total.NONE;
    private Total cacheMiss = Total.NONE;

    /** @param quantiles what summaries tell, each between 0 and 1; none for no summaries */
    public ModelStatistics(ModelConfig config, List<Double> quantiles) {
        summaries = quantiles.isEmpty() ? null : new LatencySummaries(quantiles);
        firstResponses = new Histogram(MetricControls.firstResponseBounds(config));
        for (var kind : FailureKind.values()) {
            failures.put(kind, 0L);
        }
    }

    /** The version has been brought into memory. */
    public void loadedIn(long nanos) {
        loadNanos = nanos;
    }

    public long loadNanos() {
        return loadNanos;
    }

    /** One run of the model over a batch of requests. */
    public synchronized void executed(Timing timing, long batchSize, Departure why) {
        executions++;
        departures.merge(why, 1L, Long::sum);
        var batch = batches.getOrDefault(batchSize, BatchTotals.NONE);
        batches.put(
                batchSize,
                new BatchTotals(
                        batch.computeInput().plus(timing.inputNanos()),
                        batch.computeInfer().plus(timing.inferNanos()),
                        batch.computeOutput().plus(timing.outputNanos())));
    }

    /** One request answered. */
    public void succeeded(Timing timing, long batchSize, long nowMillis) {
        long total = timing.totalNanos();
        latency.record(total);
        if (summaries != null) {
            summaries.succeeded(timing);
        }
        synchronized (this) {
            lastInferenceMillis = nowMillis;
            inferences += batchSize;
            success = success.plus(total);
            queue = queue.plus(timing.queueNanos());
            computeInput = computeInput.plus(timing.inputNanos());
            computeInfer = computeInfer.plus(timing.inferNanos());
            computeOutput = computeOutput.plus(timing.outputNanos());
            phases.record(timing);
        }
    }

    /** One request answered without the model. It is a success, but no inference. */
    public void answeredFromCache(Timing timing, long lookupNanos, long nowMillis) {
        long total = timing.totalNanos();
        latency.record(total);
        if (summaries != null) {
            summaries.answeredFromCache(timing, lookupNanos);
        }
        synchronized (this) {
            lastInferenceMillis = nowMillis;
            success = success.plus(total);
            queue = queue.plus(0);
            cacheHit = cacheHit.plus(lookupNanos);
        }
    }

    /** One request looked for in vain, whose answer has been kept. */
    public void missedCache(long nanos) {
        if (summaries != null) {
            summaries.missedCache(nanos);
        }
        synchronized (this) {
            cacheMiss = cacheMiss.plus(nanos);
        }
    }

    public synchronized void failed(Reason reason, Timing timing) {
        failure = failure.plus(timing.totalNanos());
        failures.merge(FailureKind.of(reason), 1L, Long::sum);
    }

    /** A decoupled model has answered a request for the first time. */
    public synchronized void firstResponse(long nanos) {
        firstResponses.record(nanos);
    }

    synchronized Histogram firstResponses() {
        return firstResponses.copy();
    }

    synchronized Histogram histogram(Phase phase) {
        return phases.of(phase).copy();
    }

    /** The single answers of a decoupled model; empty for any other. */
    public ResponseStatistics responses() {
        return responses;
    }

    Optional<LatencySummaries> summaries() {
        return Optional.ofNullable(summaries);
    }

    public LatencyHistogram latency() {
        return latency;
    }

    public synchronized Snapshot snapshot() {
        return new Snapshot(
                lastInferenceMillis,
                inferences,
                executions,
                success,
                failure,
                queue,
                computeInput,
                computeInfer,
                computeOutput,
                cacheHit,
                cacheMiss,
                Map.copyOf(failures),
                new TreeMap<>(batches),
                Map.copyOf(departures),
                phases.counts());
    }
}
