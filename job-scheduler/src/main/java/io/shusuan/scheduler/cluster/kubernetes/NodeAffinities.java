package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.NodeAffinity;
import io.fabric8.kubernetes.api.model.NodeAffinityBuilder;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirementBuilder;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.NodeSelectorTermBuilder;
import io.fabric8.kubernetes.api.model.PreferredSchedulingTerm;
import io.fabric8.kubernetes.api.model.PreferredSchedulingTermBuilder;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.GpuLabels;
import io.shusuan.scheduler.spec.TaskRole;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Hands the nodes that the queue has chosen to kube-scheduler. A gang that computes runs there or nowhere, since other room is
 * meant for others, and fills first those that shall take most of it: kube-scheduler by itself would rather have all of them half
 * full. What serves rather goes elsewhere than stay away when its node is lost.
 */
final class NodeAffinities {

    private static final int STRONGEST_PREFERENCE = 100;

    private NodeAffinities() {}

    static @Nullable Affinity of(Workload workload, TaskRole role) {
        SortedMap<String, Integer> tasks = workload.tasksByNode(role.name());
        List<NodeSelectorTerm> nodes =
                tasks.keySet().stream().map(NodeAffinities::named).toList();
        if (nodes.isEmpty()) {
            NodeAffinity wished = withGpus(role).build();
            return workload.delegate() == null || wished.getRequiredDuringSchedulingIgnoredDuringExecution() == null
                    ? null
                    : new AffinityBuilder().withNodeAffinity(wished).build();
        }
        NodeAffinity affinity = switch (workload.spec().kind()) {
            case TRAINING, CONVERSION ->
                new NodeAffinityBuilder()
                        .withNewRequiredDuringSchedulingIgnoredDuringExecution()
                        .withNodeSelectorTerms(nodes)
                        .endRequiredDuringSchedulingIgnoredDuringExecution()
                        .withPreferredDuringSchedulingIgnoredDuringExecution(fullestFirst(tasks))
                        .build();
            case INFERENCE ->
                withGpus(role)
                        .withPreferredDuringSchedulingIgnoredDuringExecution(nodes.stream()
                                .map(node -> preferred(node, STRONGEST_PREFERENCE))
                                .toList())
                        .build();
        };
        return new AffinityBuilder().withNodeAffinity(affinity).build();
    }

    /**
     * Labels are compared with whole numbers only, and only by more or less; nor by how they end: of slices their size is compared, and
     * not the whole profile.
     */
    private static NodeAffinityBuilder withGpus(TaskRole role) {
        var wanted = new ArrayList<NodeSelectorRequirement>();
        int gigabytes = role.nodes().gpuMemoryGb();
        if (gigabytes > 0) {
            wanted.add(requirement(GpuLabels.MEMORY, "Gt", Long.toString(GpuLabels.leastMebibytes(gigabytes) - 1)));
        }
        String slices = role.nodes().slices();
        if (!slices.isEmpty()) {
            wanted.add(requirement(GpuLabels.SLICES, "In", slices.substring(0, slices.indexOf('g'))));
        } else if (role.perTask().gpus() > 0) {
            wanted.add(requirement(GpuLabels.SLICES, "DoesNotExist"));
        }
        NodeAffinityBuilder affinity = new NodeAffinityBuilder();
        return wanted.isEmpty()
                ? affinity
                : affinity.withNewRequiredDuringSchedulingIgnoredDuringExecution()
                        .addNewNodeSelectorTerm()
                        .withMatchExpressions(wanted)
                        .endNodeSelectorTerm()
                        .endRequiredDuringSchedulingIgnoredDuringExecution();
    }

    private static NodeSelectorRequirement requirement(String label, String operator, String... values) {
        return new NodeSelectorRequirementBuilder()
                .withKey(label)
                .withOperator(operator)
                .withValues(values)
                .build();
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

    /** Nothing, where all nodes shall have the same. The preference is as strong as it can be, since others work against it. */
    private static List<PreferredSchedulingTerm> fullestFirst(Map<String, Integer> tasks) {
        int least = Collections.min(tasks.values());
        int most = Collections.max(tasks.values());
        return tasks.entrySet().stream()
                .filter(node -> node.getValue() > least)
                .map(node -> preferred(
                        named(node.getKey()),
                        Math.max(1, STRONGEST_PREFERENCE * (node.getValue() - least) / (most - least))))
                .toList();
    }

    private static PreferredSchedulingTerm preferred(NodeSelectorTerm node, int weight) {
        return new PreferredSchedulingTermBuilder()
                .withWeight(weight)
                .withPreference(node)
                .build();
    }
}
