package io.shusuan.scheduler.cluster;

import io.shusuan.db.job.Resources;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The nodes of a cluster.
 *
 * @param nodes those that take work
 * @param away those that take none now
 */
public record Capacity(List<Node> nodes, List<Away> away) {

    /** The key of the taint that keeps nodes free of what needs no GPU; tasks that ask for one tolerate it. */
    public static final String GPU_TAINT = "nvidia.com/gpu";

    public Capacity {
        nodes = List.copyOf(nodes);
        away = List.copyOf(away);
    }

    public Capacity(List<Node> nodes) {
        this(nodes, List.of());
    }

    /** A node that takes no work. What was placed there before may run on. */
    public record Away(Node node, Why why) {

        /** Why a node takes no work. */
        public enum Why {
            NOT_READY,
            CORDONED,
            /** It is cordoned, and the jobs that are there leave. */
            DRAINING,
            /** One of its taints says that it is not well, such as that its disk is full. */
            UNHEALTHY,
            /** It is kept for the cluster itself. */
            RESERVED
        }
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
     * @param labels what tells its kind
     * @param taints the keys of what keeps tasks away that do not tolerate it
     * @param usedByOthers what runs there and is not the platform's
     * @param maxTasks how many tasks it takes at most
     */
    public record Node(
            String name,
            Map<String, String> labels,
            Set<String> taints,
            Resources allocatable,
            Resources usedByOthers,
            int maxTasks) {

        public Node {
            labels = Map.copyOf(labels);
            taints = Set.copyOf(taints);
        }
    }
}
