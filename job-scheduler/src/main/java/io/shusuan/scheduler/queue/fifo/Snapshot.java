package io.shusuan.scheduler.queue.fifo;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.cluster.Capacity;
import java.util.List;

/**
 * What a decision is made from.
 *
 * @param held what admitted jobs have, derived from their state
 * @param heldTasks how many tasks they have
 * @param waiting the jobs that wait, in the order in which they should be admitted
 */
public record Snapshot(Capacity capacity, Resources held, int heldTasks, List<Waiting> waiting) {

    public Snapshot {
        waiting = List.copyOf(waiting);
    }

    /** A waiting gang: all its tasks are admitted together or none. */
    public record Waiting(JobId job, QueueName queue, List<Share> shares) {

        public Waiting {
            shares = List.copyOf(shares);
        }

        Resources total() {
            return shares.stream()
                    .map(share -> share.perTask().times(share.tasks()))
                    .reduce(Resources.NONE, Resources::plus);
        }

        int tasks() {
            return shares.stream().mapToInt(Share::tasks).sum();
        }
    }

    /** The part of one task role in a gang. */
    public record Share(String role, Resources perTask, int tasks) {}
}
