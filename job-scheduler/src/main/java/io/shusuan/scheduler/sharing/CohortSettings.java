package io.shusuan.scheduler.sharing;

import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.Quota;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A cohort, as administrators see it.
 *
 * @param parent the cohort that it is in, if it is in one
 * @param quotas what it has itself, for whichever member needs it
 */
public record CohortSettings(CohortName name, @Nullable CohortName parent, double weight, List<Quota> quotas) {

    public CohortSettings {
        quotas = List.copyOf(quotas);
    }
}
