package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.TaskRole;
import io.shusuan.scheduler.spec.Topology;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Has kube-scheduler deal the tasks to their nodes as the queue has decided, where that is evenly: it knows only which nodes they are, and
 * among those it has an order of its own. No domain gets more than the queue gave one beyond what it gave another, so
 * there is always a place for the next task where the queue has one. What computes rather waits than be dealt otherwise; what serves does not.
 */
final class TaskSpreads {

    /** The kubelet gives each node one of its own. */
    private static final String HOST = "kubernetes.io/hostname";

    private final Map<String, String> levels;
    private final Function<String, Map<String, String>> labels;

    /** @param labels of a node; none, if there is no such node */
    TaskSpreads(KubernetesSettings settings, Function<String, Map<String, String>> labels) {
        this.levels = settings.levels();
        this.labels = labels;
    }

    List<TopologySpreadConstraint> of(Workload workload, TaskRole role) {
        String label = label(workload.spec().topology());
        Map<String, Integer> nodes = workload.tasksByNode(role.name());
        if (label == null || nodes.isEmpty()) {
            return List.of();
        }
        if (workload.spec().kind().serves()) {
            return List.of(constraint(label, 1, "ScheduleAnyway", workload, role));
        }
        Map<String, Integer> domains = new HashMap<>();
        for (Map.Entry<String, Integer> node : nodes.entrySet()) {
            String domain = labels.apply(node.getKey()).get(label);
            if (domain == null) {
                return List.of(); // where a label is missing nothing would be let in at all
            }
            domains.merge(domain, node.getValue(), Integer::sum);
        }
        return domains.size() < 2
                ? List.of()
                : List.of(constraint(label, difference(domains.values()), "DoNotSchedule", workload, role));
    }

    /** By which the tasks are dealt; null, if one node is filled after the other. */
    private @Nullable String label(@Nullable Topology topology) {
        return topology == null
                ? null
                : switch (topology.packing()) {
                    case PACK -> null;
                    case SPREAD -> HOST;
                    case BALANCE -> levels.getOrDefault(Objects.requireNonNull(topology.level()), HOST);
                };
    }

    private static int difference(Collection<Integer> tasks) {
        return Math.max(1, Collections.max(tasks) - Collections.min(tasks));
    }

    private static TopologySpreadConstraint constraint(
            String label, int skew, String otherwise, Workload workload, TaskRole role) {
        return new TopologySpreadConstraintBuilder()
                .withTopologyKey(label)
                .withMaxSkew(skew)
                .withWhenUnsatisfiable(otherwise)
                .withNodeTaintsPolicy("Honor") // a node that takes no more must not keep the others from taking theirs
                .withNewLabelSelector()
                .withMatchLabels(Labels.ofPods(workload, role.name()))
                .endLabelSelector()
                .build();
    }
}
