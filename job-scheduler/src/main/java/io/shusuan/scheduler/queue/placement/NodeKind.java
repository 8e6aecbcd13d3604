package io.shusuan.scheduler.queue.placement;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.queue.quota.FlavourName;
import java.util.Map;
import java.util.Set;

/** What many nodes have in common, so that what may run there is asked once for all of them. */
record NodeKind(
        FlavourName flavour,
        Map<String, String> labels,
        Set<String> taints,
        Resources allocatable,
        int maxTasks,
        int gpuMemoryGb,
        String mig) {

    static NodeKind of(Node node) {
        return new NodeKind(
                node.flavour(),
                node.labels(),
                node.taints(),
                node.allocatable(),
                node.maxTasks(),
                node.gpuMemoryGb(),
                node.mig());
    }

    boolean takes(FlavourName wanted, NodeSelector where) {
        return flavour.equals(wanted) && isWished(where);
    }

    /** Whether it is what a role wants, whatever it has room for. */
    boolean isWished(NodeSelector where) {
        return isWishedButForTaints(where) && where.tolerations().containsAll(taints);
    }

    boolean isWishedButForTaints(NodeSelector where) {
        return gpuMemoryGb >= where.gpuMemoryGb()
                && (where.mig() == null || where.mig().equals(mig))
                && labels.entrySet().containsAll(where.labels().entrySet());
    }
}
