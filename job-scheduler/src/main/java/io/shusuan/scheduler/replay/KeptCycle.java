package io.shusuan.scheduler.replay;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.FairPolicy;
import io.shusuan.scheduler.queue.Snapshot;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A cycle as it was.
 *
 * @param names of all jobs that were read of so far, these and others
 */
public record KeptCycle(long id, Snapshot snapshot, Decided decided, Map<JobId, String> names) {

    Instant at() {
        return Instant.ofEpochMilli(snapshot.time().millis());
    }

    String name(JobId job) {
        return names.getOrDefault(job, job.toString());
    }

    /** What the queue decides from the same snapshot now. */
    List<Decision> decideAgain() {
        return new FairPolicy().decide(snapshot);
    }
}
