package io.shusuan.scheduler.sharing;

import io.shusuan.scheduler.queue.quota.Cohort;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.QueueRules;
import io.shusuan.scheduler.queue.quota.Quota;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes the tree of what was said. A queue without quotas owns all that there is and lends nothing of it: if it lent, every
 * quota beside it would be void. What is in no cohort lends to nobody and borrows from nobody. What is handed to another scheduler
 * is no part of it.
 */
record SharingTree(Sharing sharing) {

    /** The root, which has nothing of its own. Spaces keep it apart from the cohorts that people name. */
    private static final CohortName EVERYTHING = new CohortName("the whole cluster");

    Cohort root() {
        return new Cohort(EVERYTHING, 1, List.of(), cohortsIn(null), queuesIn(null));
    }

    private List<Cohort> cohortsIn(@Nullable CohortName parent) {
        return sharing.cohorts().stream()
                .filter(cohort -> Objects.equals(cohort.parent(), parent))
                .map(cohort -> new Cohort(
                        cohort.name(),
                        cohort.weight(),
                        parent == null ? withNothingOfTheOthers(alone(cohort.quotas())) : cohort.quotas(),
                        cohortsIn(cohort.name()),
                        queuesIn(cohort.name())))
                .toList();
    }

    private List<QueueRules> queuesIn(@Nullable CohortName cohort) {
        return sharing.queues().stream()
                .filter(queue -> Objects.equals(queue.cohort(), cohort) && queue.delegate() == null)
                .map(queue -> new QueueRules(
                        queue.name(),
                        queue.state(),
                        queue.weight(),
                        quotasOf(queue),
                        queue.perUser(),
                        queue.preemption()))
                .toList();
    }

    private List<Quota> quotasOf(QueueSettings queue) {
        if (queue.quotas().isEmpty()) {
            return sharing.flavours().stream()
                    .map(flavour -> new Quota(flavour.name(), Limits.ANY, Limits.ANY, Limits.NONE))
                    .toList();
        }
        return queue.cohort() == null ? alone(queue.quotas()) : queue.quotas();
    }

    private static List<Quota> alone(List<Quota> own) {
        return own.stream()
                .map(quota -> new Quota(quota.flavour(), quota.nominal(), Limits.NONE, Limits.NONE))
                .toList();
    }

    /** A cohort keeps for itself what its members lend it, also of flavours of which it has nothing of its own. */
    private List<Quota> withNothingOfTheOthers(List<Quota> own) {
        var all = new ArrayList<>(own);
        sharing.flavours().stream()
                .map(Flavour::name)
                .filter(name -> own.stream().noneMatch(quota -> quota.flavour().equals(name)))
                .map(name -> new Quota(name, Limits.NONE, Limits.NONE, Limits.NONE))
                .forEach(all::add);
        return all;
    }
}
