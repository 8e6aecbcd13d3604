package io.shusuan.scheduler.queue;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.queue.placement.Placement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What should become of one job. */
public sealed interface Decision {

    JobId job();

    /** It gets quota, and these nodes. */
    record Admit(JobId job, Placement placement) implements Decision {}

    /** It waits until the victims are gone; then it gets what it was promised. */
    record Preempt(JobId job, List<Victim> victims, Promise promise) implements Decision {

        public Preempt {
            victims = List.copyOf(victims);
        }

        /** GPU-milliseconds that are wasted. */
        public long waste() {
            return victims.stream().mapToLong(Victim::waste).sum();
        }
    }

    /** A running job leaves, because its queue was stopped. */
    record Evict(JobId job) implements Decision {}

    /** A running job leaves, to begin anew with so many tasks, since there is room for more than it has. */
    record Grow(JobId job, int tasks) implements Decision {}

    /**
     * It goes on waiting.
     *
     * @param position how many jobs of its queue are before it, and itself
     * @param promise what is kept free for it from now on, if anything
     */
    record Wait(
            JobId job,
            Shortage shortage,
            int position,
            @Nullable Promise promise) implements Decision {}
}
