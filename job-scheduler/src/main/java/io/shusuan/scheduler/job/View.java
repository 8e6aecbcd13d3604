package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobKind;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Placed;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.JobSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the reconciler needs to know of a job, detached from the database.
 *
 * @param version of the row that it was read from
 * @param spec what the job's text says, which never changes; none, if it only needs to end
 * @param workload none, if it only needs to end
 */
record View(
        JobId id,
        Memory memory,
        JobKind kind,
        long version,
        int run,
        JobState state,
        boolean evicted,
        boolean disturbed,
        Duration grace,
        List<Placed> placement,
        @Nullable Instant readyBy,
        @Nullable Instant endBy,
        @Nullable JobSpec spec,
        @Nullable Workload workload) {

    /** How many tasks the job asks for. */
    int asked() {
        return Objects.requireNonNull(spec).taskCount();
    }

    /** How many it has in this run. */
    int tasks() {
        return mustHaveWorkload().spec().taskCount();
    }

    /** Only an elastic job has fewer tasks than it asks for. */
    boolean hasFewerTasks() {
        return tasks() < asked();
    }

    boolean delegated() {
        return workload != null && workload.delegate() != null;
    }

    Workload mustHaveWorkload() {
        return Objects.requireNonNull(workload);
    }

    /** Whether it has run into one of its limits. */
    boolean isOverdue(Instant now) {
        return isPast(readyBy, now) || isPast(endBy, now);
    }

    static boolean isPast(@Nullable Instant limit, Instant now) {
        return limit != null && !now.isBefore(limit);
    }
}
