package io.shusuan.scheduler.idle;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.idle.GpuReading.Gpu;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whose GPUs do nothing: of a job that may have one that works, that is never said. */
class NodeIdlenessTest {

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final Instant LONG_AGO = NOW.minus(Duration.ofHours(3));
    private static final Instant LATELY = NOW.minus(Duration.ofMinutes(5));
    private static final Instant STARTED = NOW.minus(Duration.ofHours(1));

    private final Holder train = new Holder(JobId.next(), 1, STARTED, 2, true);
    private final Holder tune = new Holder(JobId.next(), 1, STARTED, 1, true);
    private final Map<String, JobId> pods = Map.of("pod-of-train", train.job(), "pod-of-tune", tune.job());

    private static Gpu gpu(@Nullable Instant idleSince, String... pods) {
        return new Gpu(idleSince, Set.of(pods), Set.of());
    }

    /** Of a node with four GPUs. */
    private @Nullable Instant since(Holder holder, List<Holder> holders, Gpu... gpus) {
        var reading = new GpuReading("gpu-1", LONG_AGO, NOW, List.of(gpus));
        return new NodeIdleness(reading, 4, holders, pods).since(holder).orElse(null);
    }

    @Test
    void withAllOfItsProcessesSeenOnlyItsOwnGpusCount() {
        Gpu[] gpus = {gpu(LATELY, "pod-of-train"), gpu(LONG_AGO, "pod-of-train"), gpu(null, "pod-of-tune"), gpu(null)};

        assertThat(since(train, List.of(train, tune), gpus)).isEqualTo(LATELY);
        assertThat(since(tune, List.of(train, tune), gpus)).isNull();
    }

    @Test
    void whereAGpuOfItsIsNotKnownEveryOneThatMayBeItsOwnCounts() {
        assertThat(since(train, List.of(train), gpu(LATELY, "pod-of-train"), gpu(LATELY), gpu(LATELY), gpu(null)))
                .isNull();
        assertThat(since(
                        train,
                        List.of(train, tune),
                        gpu(LONG_AGO, "pod-of-train"),
                        gpu(null, "pod-of-tune"),
                        gpu(LATELY),
                        gpu(LONG_AGO)))
                .isEqualTo(LATELY);
    }

    @Test
    void nothingCountsBeforeItRuns() {
        assertThat(since(train, List.of(train), gpu(LONG_AGO), gpu(LONG_AGO), gpu(LONG_AGO), gpu(LONG_AGO)))
                .isEqualTo(STARTED);
        var starting = new Holder(train.job(), 1, null, 2, true);
        assertThat(since(starting, List.of(starting), gpu(LONG_AGO), gpu(LONG_AGO), gpu(LONG_AGO), gpu(LONG_AGO)))
                .isNull();
    }

    @Test
    void aNodeThatDoesNotTellOfAllItsGpusTellsOfNone() {
        assertThat(since(tune, List.of(tune), gpu(LONG_AGO, "pod-of-tune"), gpu(LONG_AGO), gpu(LONG_AGO)))
                .isNull();
    }

    @Test
    void whatAProcessSaysOfItselfCountsOutsideOfPodsOnly() {
        var claims = new Gpu(LONG_AGO, Set.of(), Set.of(tune.job().toString()));
        var works = new Gpu(null, Set.of("pod-of-train"), Set.of());

        assertThat(since(tune, List.of(tune, train), claims, works, gpu(null), gpu(null)))
                .isEqualTo(STARTED);
        assertThat(since(train, List.of(tune, train), claims, works, gpu(LONG_AGO), gpu(LONG_AGO)))
                .isNull();
    }
}
