package io.shusuan.scheduler.sharing;

import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Quota;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A queue, as administrators see it.
 *
 * @param held whether it admits nothing
 * @param cohort the cohort that it is in, if it is in one
 * @param perUser what the jobs of one user may have together
 * @param quotas in the order in which its flavours are tried; without any it may use all that there is
 */
public record QueueSettings(
        QueueName name, boolean held, @Nullable CohortName cohort, double weight, Limits perUser, List<Quota> quotas) {

    public QueueSettings {
        quotas = List.copyOf(quotas);
    }
}
