package io.shusuan.scheduler.queue.placement;

import io.shusuan.scheduler.queue.quota.FlavourName;
import java.util.Map;
import java.util.Set;

/**
 * Which nodes a role's tasks may run on.
 *
 * @param flavours empty for whatever the queue has
 * @param labels what a node must have
 * @param tolerations the taints that do not matter
 * @param nodes the names of the only nodes, or empty for any
 */
public record NodeSelector(
        Set<FlavourName> flavours, Map<String, String> labels, Set<String> tolerations, Set<String> nodes) {

    public static final NodeSelector ANY = new NodeSelector(Set.of(), Map.of(), Set.of(), Set.of());

    public NodeSelector {
        flavours = Set.copyOf(flavours);
        labels = Map.copyOf(labels);
        tolerations = Set.copyOf(tolerations);
        nodes = Set.copyOf(nodes);
    }

    public static NodeSelector flavour(FlavourName flavour) {
        return new NodeSelector(Set.of(flavour), Map.of(), Set.of(), Set.of());
    }

    public boolean allows(FlavourName flavour) {
        return flavours.isEmpty() || flavours.contains(flavour);
    }
}
