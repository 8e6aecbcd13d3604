package io.shusuan.scheduler.queue.placement;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.queue.quota.FlavourName;
import java.util.Map;
import java.util.Set;

/** What many nodes have in common, so that what may run there is asked once for all of them. */
record NodeKind(
        FlavourName flavour, Map<String, String> labels, Set<String> taints, Resources allocatable, int maxTasks) {

    static NodeKind of(Node node) {
        return new NodeKind(node.flavour(), node.labels(), node.taints(), node.allocatable(), node.maxTasks());
    }

    boolean takes(FlavourName wanted, NodeSelector where) {
        return flavour.equals(wanted)
                && labels.entrySet().containsAll(where.labels().entrySet())
                && where.tolerations().containsAll(taints);
    }
}
