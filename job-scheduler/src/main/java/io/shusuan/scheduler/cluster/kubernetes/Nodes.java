package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Taint;
import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.cluster.Capacity.Away.Why;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which nodes take work, what they have, and what is taken of it by pods that are not the platform's. */
final class Nodes {

    private static final BigDecimal MEBI = BigDecimal.valueOf(1024L * 1024L);

    private Nodes() {}

    static Capacity capacity(Collection<Node> nodes, Collection<Pod> others) {
        var used = new HashMap<String, Resources>();
        var pods = new HashMap<String, Integer>();
        for (Pod pod : others) {
            String node = pod.getSpec().getNodeName();
            if (node != null && !node.isEmpty()) {
                used.merge(node, requested(pod), Resources::plus);
                pods.merge(node, 1, Integer::sum);
            }
        }
        var taking = new ArrayList<Capacity.Node>();
        var away = new ArrayList<Capacity.Away>();
        nodes.stream().sorted(Comparator.comparing(Nodes::name)).forEach(node -> {
            var seen = new Capacity.Node(
                    name(node),
                    Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.of()),
                    taints(node),
                    resources(allocatable(node), RoundingMode.FLOOR),
                    used.getOrDefault(name(node), Resources.NONE),
                    Math.max(0, (int) whole(allocatable(node), "pods") - pods.getOrDefault(name(node), 0)));
            whyNoWork(node).ifPresentOrElse(why -> away.add(new Capacity.Away(seen, why)), () -> taking.add(seen));
        });
        return new Capacity(taking, away);
    }

    private static String name(Node node) {
        return node.getMetadata().getName();
    }

    private static Map<String, Quantity> allocatable(Node node) {
        return node.getStatus() == null || node.getStatus().getAllocatable() == null
                ? Map.of()
                : node.getStatus().getAllocatable();
    }

    /** What keeps nodes for the cluster itself. No job can tolerate it, and neither what follows. */
    private static final String OF_THE_CLUSTER = "node-role.kubernetes.io/";

    /** What Kubernetes says of nodes that are not well: their disk is full, their network is away. */
    private static final String CONDITION = "node.kubernetes.io/";

    private static Optional<Why> whyNoWork(Node node) {
        boolean ready = !allocatable(node).isEmpty()
                && node.getStatus().getConditions().stream()
                        .anyMatch(each -> "Ready".equals(each.getType()) && "True".equals(each.getStatus()));
        boolean cordoned =
                node.getSpec() != null && Boolean.TRUE.equals(node.getSpec().getUnschedulable());
        if (cordoned) { // which taints it, too
            return Optional.of(Labels.annotation(node, Labels.DRAIN) == null ? Why.CORDONED : Why.DRAINING);
        }
        if (!ready) {
            return Optional.of(Why.NOT_READY);
        }
        if (isTainted(node, OF_THE_CLUSTER)) {
            return Optional.of(Why.RESERVED);
        }
        return isTainted(node, CONDITION) ? Optional.of(Why.UNHEALTHY) : Optional.empty();
    }

    /** The names of those whose jobs leave. */
    static Set<String> draining(Stream<Node> nodes) {
        return nodes.filter(each -> whyNoWork(each).filter(Why.DRAINING::equals).isPresent())
                .map(Nodes::name)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static boolean isTainted(Node node, String prefix) {
        return taints(node).stream().anyMatch(taint -> taint.startsWith(prefix));
    }

    private static Set<String> taints(Node node) {
        return node.getSpec() == null
                ? Set.of()
                : node.getSpec().getTaints().stream()
                        .filter(taint -> !"PreferNoSchedule".equals(taint.getEffect()))
                        .map(Taint::getKey)
                        .collect(Collectors.toSet());
    }

    /** What the scheduler counts for a pod: its containers together or its largest init container, and its overhead. */
    private static Resources requested(Pod pod) {
        Resources together =
                pod.getSpec().getContainers().stream().map(Nodes::requested).reduce(Resources.NONE, Resources::plus);
        Resources largest =
                pod.getSpec().getInitContainers().stream().map(Nodes::requested).reduce(Resources.NONE, Nodes::larger);
        return larger(together, largest).plus(resources(pod.getSpec().getOverhead(), RoundingMode.CEILING));
    }

    private static Resources requested(Container container) {
        return container.getResources() == null
                ? Resources.NONE
                : resources(container.getResources().getRequests(), RoundingMode.CEILING);
    }

    private static Resources larger(Resources one, Resources other) {
        return new Resources(
                Math.max(one.milliCpus(), other.milliCpus()),
                Math.max(one.memoryMiB(), other.memoryMiB()),
                Math.max(one.gpus(), other.gpus()));
    }

    private static Resources resources(@Nullable Map<String, Quantity> quantities, RoundingMode rounding) {
        if (quantities == null) {
            return Resources.NONE;
        }
        long milliCpus = amount(quantities, "cpu")
                .movePointRight(3)
                .setScale(0, rounding)
                .longValue();
        long memory = amount(quantities, "memory").divide(MEBI, 0, rounding).longValue();
        return new Resources(milliCpus, memory, (int) whole(quantities, PodTemplates.GPU));
    }

    private static long whole(Map<String, Quantity> quantities, String name) {
        return amount(quantities, name).longValue();
    }

    private static BigDecimal amount(Map<String, Quantity> quantities, String name) {
        Quantity quantity = quantities.get(name);
        return quantity == null ? BigDecimal.ZERO : quantity.getNumericalAmount();
    }
}
