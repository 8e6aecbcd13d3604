package io.shusuan.scheduler.queue.quota;

import java.util.List;

/**
 * Queues and cohorts that lend to each other what they leave unused. A value that holds its members, so that there are no
 * cycles.
 *
 * @param quotas what the cohort has itself, for whichever member needs it
 */
public record Cohort(
        CohortName name, double weight, List<Quota> quotas, List<Cohort> cohorts, List<QueueRules> queues) {

    public Cohort {
        quotas = List.copyOf(quotas);
        cohorts = List.copyOf(cohorts);
        queues = List.copyOf(queues);
        check(name.value(), weight, quotas);
    }

    static void check(String name, double weight, List<Quota> quotas) {
        if (!(weight > 0 && weight <= 1e6)) {
            throw new IllegalArgumentException(
                    "the weight of %s must be more than 0 and at most 1000000, not %s".formatted(name, weight));
        }
        if (quotas.stream().map(Quota::flavour).distinct().count() != quotas.size()) {
            throw new IllegalArgumentException("%s has two quotas of one flavour".formatted(name));
        }
    }
}
