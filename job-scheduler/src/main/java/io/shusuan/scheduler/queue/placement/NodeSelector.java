package io.shusuan.scheduler.queue.placement;

import io.shusuan.scheduler.queue.quota.FlavourName;
import java.util.ArrayList;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes a role's tasks may run on.
 *
 * @param flavours empty for whatever the queue has
 * @param labels what a node must have
 * @param tolerations the taints that do not matter
 * @param nodes the names of the only nodes, or empty for any
 * @param gpuMemoryGb what each GPU of a node must have at least; 0 for any
 * @param mig the profile of the slices that a node's GPUs must be cut into, empty for whole ones; null if GPUs do not matter
 */
public record NodeSelector(
        Set<FlavourName> flavours,
        Map<String, String> labels,
        Set<String> tolerations,
        Set<String> nodes,
        int gpuMemoryGb,
        @Nullable String mig) {

    public static final NodeSelector ANY = new NodeSelector(Set.of(), Map.of(), Set.of(), Set.of(), 0, null);

    public NodeSelector {
        flavours = Set.copyOf(flavours);
        labels = Map.copyOf(labels);
        tolerations = Set.copyOf(tolerations);
        nodes = Set.copyOf(nodes);
    }

    public static NodeSelector flavour(FlavourName flavour) {
        return new NodeSelector(Set.of(flavour), Map.of(), Set.of(), Set.of(), 0, null);
    }

    /** What it wants of a node, for people, e.g. {@code nodes with zone=a and GPUs of 80 GB}; empty if any will do. */
    public String wish() {
        var wishes = new ArrayList<String>();
        labels.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(label -> wishes.add(label.getKey() + "=" + label.getValue()));
        if (gpuMemoryGb > 0) {
            wishes.add("GPUs of %d GB".formatted(gpuMemoryGb));
        }
        if (mig != null && !mig.isEmpty()) {
            wishes.add("MIG slices " + mig);
        }
        return wishes.isEmpty() ? "" : "nodes with " + String.join(" and ", wishes);
    }

    /** What everybody wants who has no wish. */
    public String plainly() {
        return mig == null ? "nodes for everybody" : "nodes with whole GPUs";
    }

    public boolean allows(FlavourName flavour) {
        return flavours.isEmpty() || flavours.contains(flavour);
    }
}
