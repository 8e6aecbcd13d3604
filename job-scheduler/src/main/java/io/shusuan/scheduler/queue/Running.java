package io.shusuan.scheduler.queue;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.placement.Placement;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A job that holds quota and nodes.
 *
 * @param saved up to when its work is not lost by an eviction: its last checkpoint, or its start
 * @param evictable whether it may be evicted at all
 * @param departure set from the moment at which it was told to leave until it is gone
 */
public record Running(
        JobId job,
        QueueName queue,
        String user,
        int priority,
        Moment started,
        Moment saved,
        Ending ending,
        boolean evictable,
        @Nullable Departure departure,
        Placement placement) {

    /** @param preemptor for whom it leaves; null, if it was stopped for another reason */
    public record Departure(@Nullable JobId preemptor) {}

    /** The same job, told to leave. */
    public Running leavingFor(@Nullable JobId preemptor) {
        return new Running(
                job, queue, user, priority, started, saved, ending, evictable, new Departure(preemptor), placement);
    }

    Duration lostAt(Moment now) {
        return now.since(saved);
    }
}
