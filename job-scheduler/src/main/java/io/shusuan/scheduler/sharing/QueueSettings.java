package io.shusuan.scheduler.sharing;

import io.shusuan.db.queue.Delegate;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Preemption;
import io.shusuan.scheduler.queue.quota.Quota;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A queue, as administrators see it.
 *
 * @param cohort the cohort that it is in, if it is in one
 * @param preemption whom its jobs evict, and how they are protected themselves
 * @param grace how long its tasks may go on to save their work when they are evicted
 * @param readyWithin how long it may take until all tasks of a job are ready; null for any time
 * @param perUser what the jobs of one user may have together
 * @param budget what may be spent in a month
 * @param idle what becomes of jobs whose GPUs do nothing
 * @param priorities which its jobs may ask for
 * @param delegate who admits its jobs in the place of the platform; nobody, if the platform does
 * @param quotas in the order in which its flavours are tried; without any it may use all that there is
 */
public record QueueSettings(
        QueueName name,
        QueueState state,
        @Nullable CohortName cohort,
        double weight,
        Preemption preemption,
        Duration grace,
        @Nullable Duration readyWithin,
        Limits perUser,
        Budget budget,
        IdlePolicy idle,
        PriorityLimits priorities,
        @Nullable Delegate delegate,
        List<Quota> quotas) {

    public static final Duration USUAL_GRACE = Duration.ofSeconds(30);

    /** The same in another state. */
    QueueSettings in(QueueState now) {
        return new QueueSettings(
                name,
                now,
                cohort,
                weight,
                preemption,
                grace,
                readyWithin,
                perUser,
                budget,
                idle,
                priorities,
                delegate,
                quotas);
    }

    public QueueSettings {
        quotas = List.copyOf(quotas);
    }
}
