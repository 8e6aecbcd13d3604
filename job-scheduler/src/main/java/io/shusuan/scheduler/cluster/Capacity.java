package io.shusuan.scheduler.cluster;

import io.shusuan.db.job.Resources;
import java.util.List;

/** The nodes of a cluster that take work. */
public record Capacity(List<Node> nodes) {

    public Capacity {
        nodes = List.copyOf(nodes);
    }

    public Resources allocatable() {
        return nodes.stream().map(Node::allocatable).reduce(Resources.NONE, Resources::plus);
    }

    public Resources usedByOthers() {
        return nodes.stream().map(Node::usedByOthers).reduce(Resources.NONE, Resources::plus);
    }

    /**
     * One node.
     *
     * @param usedByOthers what runs there and is not the platform's
     * @param maxTasks how many tasks it takes at most
     */
    public record Node(String name, Resources allocatable, Resources usedByOthers, int maxTasks) {}
}
