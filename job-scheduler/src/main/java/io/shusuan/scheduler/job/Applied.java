package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.Observation;
import io.shusuan.scheduler.cluster.Workload;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Hands workloads to the cluster, and knows which of them it has to hand over again. */
final class Applied {

    /** How often what serves is made anew as it should be, and how soon if nothing of it lives. */
    private static final Duration REPAIR = Duration.ofMinutes(5);

    private static final Duration REPAIR_OF_THE_DEAD = Duration.ofSeconds(5);

    private static final Duration REPAIR_OF_THE_HALTED = Duration.ofSeconds(5);

    private final Cluster cluster;
    private final Clock clock;
    private final Map<JobId, Instant> last = new ConcurrentHashMap<>();

    Applied(Cluster cluster, Clock clock) {
        this.cluster = cluster;
        this.clock = clock;
    }

    void apply(Workload workload) throws ClusterUnavailableException, ClusterRefusedException {
        cluster.apply(workload);
        last.put(workload.job(), clock.instant());
    }

    /**
     * After each start of the platform: the adapter may have forgotten, the cluster has not. What serves also now and then, at once if
     * nothing of it lives: somebody may have changed or removed a part of it. And what somebody has suspended, which would hold
     * its resources for nothing; not faster than they may do it again.
     */
    boolean isDue(Workload workload, Observation seen) {
        var before = last.get(workload.job());
        return before == null
                || switch (workload.spec().kind()) {
                    case TRAINING -> seen.isHalted(workload.run()) && isPast(before, REPAIR_OF_THE_HALTED);
                    case INFERENCE -> isPast(before, lives(workload, seen) ? REPAIR : REPAIR_OF_THE_DEAD);
                };
    }

    private static boolean lives(Workload workload, Observation seen) {
        return seen.ofRun(workload.run()).attempts().stream()
                .anyMatch(attempt -> !attempt.phase().isFinal());
    }

    private boolean isPast(Instant before, Duration span) {
        return clock.instant().isAfter(before.plus(span));
    }

    void forget(JobId job) {
        last.remove(job);
    }

    void forgetAll() {
        last.clear();
    }
}
