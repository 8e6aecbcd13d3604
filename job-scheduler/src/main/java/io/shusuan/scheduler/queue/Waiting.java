package io.shusuan.scheduler.queue;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.placement.Ask;
import io.shusuan.scheduler.queue.placement.Placement;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A waiting gang: all its tasks are admitted together or none.
 *
 * @param submitted when it came first; an evicted job keeps that, and so its place
 * @param limit after what time it is ended, if it has such a limit
 */
public record Waiting(
        JobId job,
        QueueName queue,
        String user,
        int priority,
        Moment submitted,
        Ask ask,
        @Nullable Duration limit,
        @Nullable Hold hold,
        @Nullable Promise promise) {

    /** Beyond it a priority would be worth more time than there is. */
    public static final int MOST_PRIORITY = 1_000_000;

    public Waiting {
        if (priority > MOST_PRIORITY || priority < -MOST_PRIORITY) {
            throw new IllegalArgumentException("a priority is at most %d, not %d".formatted(MOST_PRIORITY, priority));
        }
    }

    /** Where it stands: when it was submitted, in milliseconds, had its priority been zero. */
    public long rank(Rules rules) {
        return submitted.millis() - priority * rules.priorityWorth().toMillis();
    }

    /** What becomes of it when it is admitted. */
    public Running runningAt(Placement placement, Moment now) {
        var ending = limit == null ? Ending.UNKNOWN : new Ending.By(now.plus(limit));
        return new Running(job, queue, user, priority, now, now, ending, true, null, placement).wanting(this);
    }

    /** The same job, not to be looked at. */
    public Waiting held(Hold why) {
        return new Waiting(job, queue, user, priority, submitted, ask, limit, why, promise);
    }

    /** The same job, with what it was promised last. */
    public Waiting promised(@Nullable Promise now) {
        return new Waiting(job, queue, user, priority, submitted, ask, limit, hold, now);
    }
}
