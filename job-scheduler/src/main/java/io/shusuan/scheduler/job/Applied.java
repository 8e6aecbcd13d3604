package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobKind;
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
     * After each start of the platform: the adapter may have forgotten, the cluster has not. And what serves now and then, at once if
     * nothing of it lives: somebody may have changed or removed a part of it.
     */
    boolean isDue(Workload workload, Observation seen) {
        var before = last.get(workload.job());
        if (before == null || workload.spec().kind() == JobKind.TRAINING) {
            return before == null;
        }
        var lives = seen.ofRun(workload.run()).attempts().stream()
                .anyMatch(attempt -> !attempt.phase().isFinal());
        return clock.instant().isAfter(before.plus(lives ? REPAIR : REPAIR_OF_THE_DEAD));
    }

    void forget(JobId job) {
        last.remove(job);
    }

    void forgetAll() {
        last.clear();
    }
}
