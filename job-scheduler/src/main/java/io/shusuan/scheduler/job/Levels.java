package io.shusuan.scheduler.job;

import io.shusuan.scheduler.cluster.Capacity;
import java.util.List;

/** The levels of topology that the nodes of this cluster tell by their labels, from the widest to the narrowest. */
public record Levels(List<Level> levels) {

    public Levels {
        levels = List.copyOf(levels);
    }

    /**
     * @param name as jobs say it, such as {@code rack}
     * @param label whose value names the domain a node stands in
     */
    public record Level(String name, String label) {}

    List<String> names() {
        return levels.stream().map(Level::name).toList();
    }

    /** Where a node stands. One that does not say so is near to no other one. */
    List<String> domains(Capacity.Node node) {
        return levels.stream()
                .map(level -> node.labels().getOrDefault(level.label(), node.name()))
                .toList();
    }
}
