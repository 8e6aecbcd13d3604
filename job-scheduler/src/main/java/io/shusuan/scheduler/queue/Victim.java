package io.shusuan.scheduler.queue;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.QueueName;
import java.time.Duration;

/**
 * A job to be evicted for another one.
 *
 * @param lost how much of its run has to be done again
 */
public record Victim(JobId job, QueueName queue, long gpus, Duration lost, Grounds grounds) {

    /** What gives the right to evict it. */
    public enum Grounds {
        LOWER_PRIORITY,
        RECLAIM,
        FAIR_SHARE
    }

    /** GPU-milliseconds that are wasted. */
    public long waste() {
        return gpus * lost.toMillis();
    }
}
