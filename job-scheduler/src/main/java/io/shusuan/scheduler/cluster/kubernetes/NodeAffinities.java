package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.NodeAffinity;
import io.fabric8.kubernetes.api.model.NodeAffinityBuilder;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.NodeSelectorTermBuilder;
import io.fabric8.kubernetes.api.model.PreferredSchedulingTerm;
import io.fabric8.kubernetes.api.model.PreferredSchedulingTermBuilder;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.GpuLabels;
import io.shusuan.scheduler.spec.TaskRole;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hands the nodes that the queue has chosen to kube-scheduler. A gang that computes runs there or nowhere, since other room is
 * meant for others; what serves rather goes elsewhere than stay away when its node is lost.
 */
final class NodeAffinities {

    private static final int STRONGEST_PREFERENCE = 100;

    private NodeAffinities() {}

    static @Nullable Affinity of(Workload workload, TaskRole role) {
        List<NodeSelectorTerm> nodes = workload.nodesOf(role.name()).stream()
                .map(NodeAffinities::named)
                .toList();
        if (nodes.isEmpty()) {
            return null;
        }
        NodeAffinity affinity = switch (workload.spec().kind()) {
            case TRAINING ->
                new NodeAffinityBuilder()
                        .withNewRequiredDuringSchedulingIgnoredDuringExecution()
                        .withNodeSelectorTerms(nodes)
                        .endRequiredDuringSchedulingIgnoredDuringExecution()
                        .build();
            case INFERENCE ->
                withGpuMemory(role.nodes().gpuMemoryGb())
                        .withPreferredDuringSchedulingIgnoredDuringExecution(
                                nodes.stream().map(NodeAffinities::preferred).toList())
                        .build();
        };
        return new AffinityBuilder().withNodeAffinity(affinity).build();
    }

    /** Labels are compared with whole numbers only, and only by more or less. */
    private static NodeAffinityBuilder withGpuMemory(int gigabytes) {
        NodeAffinityBuilder affinity = new NodeAffinityBuilder();
        if (gigabytes == 0) {
            return affinity;
        }
        return affinity.withNewRequiredDuringSchedulingIgnoredDuringExecution()
                .addNewNodeSelectorTerm()
                .addNewMatchExpression()
                .withKey(GpuLabels.MEMORY)
                .withOperator("Gt")
                .withValues(Long.toString(GpuLabels.leastMebibytes(gigabytes) - 1))
                .endMatchExpression()
                .endNodeSelectorTerm()
                .endRequiredDuringSchedulingIgnoredDuringExecution();
    }

    /** By the node's own name, which no label can pretend; the API takes one name in each term. */
    private static NodeSelectorTerm named(String node) {
        return new NodeSelectorTermBuilder()
                .addNewMatchField()
                .withKey("metadata.name")
                .withOperator("In")
                .withValues(node)
                .endMatchField()
                .build();
    }

    private static PreferredSchedulingTerm preferred(NodeSelectorTerm node) {
        return new PreferredSchedulingTermBuilder()
                .withWeight(STRONGEST_PREFERENCE)
                .withPreference(node)
                .build();
    }
}
