package io.shusuan.scheduler.queue.quota;

import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import java.util.List;

/**
 * A queue in its cohort.
 *
 * @param weight how much of what is borrowed is its fair share, against its neighbours' weights
 * @param quotas by flavour, in the order in which flavours are tried
 * @param perUser what the jobs of one user in this queue may have together, over all flavours
 */
public record QueueRules(
        QueueName name, QueueState state, double weight, List<Quota> quotas, Limits perUser, Preemption preemption) {

    public QueueRules {
        quotas = List.copyOf(quotas);
        Cohort.check(name.value(), weight, quotas);
    }
}
