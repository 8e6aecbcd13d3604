package io.shusuan.scheduler.job;

import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.quota.Cohort;
import io.shusuan.scheduler.queue.quota.FlavourName;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How the nodes are divided among the queues.
 *
 * @param flavours the kinds of nodes
 * @param cohorts the tree that all queues are in
 * @param held the queues that admit nothing
 */
record Division(List<Flavour> flavours, Cohort cohorts, Set<QueueName> held) {

    /** In which order a queue without quotas tries the flavours: the plain ones first, so that special nodes stay free. */
    static final Comparator<Flavour> PLAIN_FIRST = Comparator.comparingInt(
                    (Flavour flavour) -> flavour.labels().size())
            .thenComparing(flavour -> flavour.name().value());

    Division {
        flavours = flavours.stream().sorted(PLAIN_FIRST).toList();
        held = Set.copyOf(held);
    }

    /** A kind of nodes, known by their labels. */
    record Flavour(FlavourName name, Map<String, String> labels) {

        Flavour {
            labels = Map.copyOf(labels);
        }
    }

    /** The flavour of a node with these labels: the one that names most of them. None for a node that takes no work. */
    Optional<FlavourName> flavourOf(Map<String, String> labels) {
        return flavours.reversed().stream()
                .filter(flavour ->
                        labels.entrySet().containsAll(flavour.labels().entrySet()))
                .findFirst()
                .map(Flavour::name);
    }
}
