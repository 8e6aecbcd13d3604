package io.shusuan.scheduler.job;

import io.shusuan.scheduler.cluster.Observation;
import io.shusuan.scheduler.cluster.Workload;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** When a workload is handed to the cluster again. Pure. */
final class Repair {

    /** How often what serves is made anew as it should be, and how soon if nothing of it lives. */
    private static final Duration USUAL = Duration.ofMinutes(5);

    private static final Duration OF_THE_DEAD = Duration.ofSeconds(5);

    private static final Duration OF_THE_HALTED = Duration.ofSeconds(5);

    private Repair() {}

    /**
     * After each start of the platform: the adapter may have forgotten, the cluster has not. What serves also now and then, at once if
     * nothing of it lives: somebody may have changed or removed a part of it. And what somebody has suspended, which would hold
     * its resources for nothing; not faster than they may do it again.
     *
     * @param applied when it was handed over last; null if that is not known
     */
    static boolean isDue(Workload workload, Observation seen, @Nullable Instant applied, Instant now) {
        return applied == null
                || switch (workload.spec().kind()) {
                    case TRAINING, CONVERSION ->
                        seen.isHalted(workload.run()) && now.isAfter(applied.plus(OF_THE_HALTED));
                    case INFERENCE -> now.isAfter(applied.plus(lives(workload, seen) ? USUAL : OF_THE_DEAD));
                };
    }

    private static boolean lives(Workload workload, Observation seen) {
        return seen.ofRun(workload.run()).attempts().stream()
                .anyMatch(attempt -> !attempt.phase().isFinal());
    }
}
