package io.shusuan.scheduler.queue.placement;

import io.shusuan.db.job.Resources;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** All nodes, in the order of where they stand. Never changes; made anew when the nodes do. */
public final class Site {

    private static final int VALUES_TOLD = 5;

    private final List<String> levels;
    private final List<Node> nodes;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<NodeKind> kinds;
    private final int[] kindOf;
    private final Domains domains;

    /** @param levels what the levels of topology are called, from the widest to the narrowest; may be none */
    public Site(List<String> levels, List<Node> nodes) {
        this.levels = List.copyOf(levels);
        for (var node : nodes) {
            if (node.domains().size() != levels.size()) {
                throw new IllegalArgumentException("node %s names %d domains, but there are the levels %s"
                        .formatted(node.name(), node.domains().size(), levels));
            }
        }
        this.nodes = nodes.stream().sorted(Site::compare).toList();
        var known = new HashMap<NodeKind, Integer>();
        kinds = new ArrayList<>();
        kindOf = new int[nodes.size()];
        for (var i = 0; i < kindOf.length; i++) {
            if (numbers.put(this.nodes.get(i).name(), i) != null) {
                throw new IllegalArgumentException(
                        "there are two nodes " + this.nodes.get(i).name());
            }
            var kind = NodeKind.of(this.nodes.get(i));
            kindOf[i] = known.computeIfAbsent(kind, each -> {
                kinds.add(each);
                return kinds.size() - 1;
            });
        }
        domains = new Domains(this.nodes.stream().map(Node::domains).toList(), levels.size());
    }

    private static int compare(Node one, Node other) {
        for (var level = 0; level < one.domains().size(); level++) {
            var order = one.domains().get(level).compareTo(other.domains().get(level));
            if (order != 0) {
                return order;
            }
        }
        return one.name().compareTo(other.name());
    }

    public int size() {
        return nodes.size();
    }

    public Node node(int number) {
        return nodes.get(number);
    }

    /** The number of a node; less than zero, if it is not there any more. */
    public int number(String name) {
        return numbers.getOrDefault(name, -1);
    }

    Domains domains() {
        return domains;
    }

    List<NodeKind> kinds() {
        return kinds;
    }

    int kindOf(int node) {
        return kindOf[node];
    }

    /** Whether there is a level of this name. */
    public boolean knows(Proximity proximity) {
        return proximity.kind() == Proximity.Kind.ANYWHERE
                || proximity.level().equals(Proximity.NODE)
                || levels.contains(proximity.level());
    }

    public List<String> levels() {
        return levels;
    }

    int depth(Proximity proximity) {
        if (proximity.kind() == Proximity.Kind.ANYWHERE) {
            return 0;
        }
        return proximity.level().equals(Proximity.NODE) ? domains.nodeDepth() : levels.indexOf(proximity.level()) + 1;
    }

    /** Whether no node is what a role wants, even if it were empty and large enough. */
    public boolean hasNone(NodeSelector where) {
        return kinds.stream().noneMatch(kind -> kind.isWished(where));
    }

    /** Whether not even an empty node of those it wants has so much. */
    public boolean isTooSmallFor(Role role) {
        return kinds.stream()
                .filter(kind -> kind.isWished(role.where()))
                .noneMatch(kind -> role.perTask().fitsIn(kind.allocatable()));
    }

    /** What the largest node of those that are wanted has, in words. */
    public String largest(NodeSelector where) {
        return kinds.stream()
                .filter(kind -> kind.isWished(where))
                .map(NodeKind::allocatable)
                .max(Comparator.comparingInt(Resources::gpus).thenComparingLong(Resources::milliCpus))
                .map(most -> "the largest node has " + most)
                .orElse("the cluster has no node that takes work");
    }

    /** What the nodes have instead of the first thing that is wanted and none has. */
    public String insteadOf(NodeSelector where) {
        for (var label : where.labels().entrySet()) {
            var values = kinds.stream()
                    .map(kind -> kind.labels().get(label.getKey()))
                    .filter(Objects::nonNull)
                    .collect(Collectors.toCollection(TreeSet::new));
            if (!values.contains(label.getValue())) {
                return values.isEmpty()
                        ? "none has the label " + label.getKey()
                        : "there are those with %s"
                                .formatted(values.stream()
                                        .limit(VALUES_TOLD)
                                        .map(value -> label.getKey() + "=" + value)
                                        .collect(Collectors.joining(", ")));
            }
        }
        var most = kinds.stream().mapToInt(NodeKind::gpuMemoryGb).max().orElse(0);
        if (most < where.gpuMemoryGb()) {
            return "the largest GPU has %d GB".formatted(most);
        }
        var mig = where.mig();
        if (mig != null && kinds.stream().noneMatch(kind -> kind.mig().equals(mig))) {
            var slices = kinds.stream()
                    .map(NodeKind::mig)
                    .filter(each -> !each.isEmpty())
                    .collect(Collectors.toCollection(TreeSet::new));
            return slices.isEmpty()
                    ? "no GPU is cut into slices"
                    : "GPUs are cut into " + slices.stream().limit(VALUES_TOLD).collect(Collectors.joining(", "));
        }
        var taints = kinds.stream()
                .filter(kind -> kind.isWishedButForTaints(where))
                .flatMap(kind -> kind.taints().stream())
                .filter(taint -> !where.tolerations().contains(taint))
                .collect(Collectors.toCollection(TreeSet::new));
        return taints.isEmpty()
                ? "none has all of that"
                : "such nodes have taints that it does not tolerate: " + String.join(", ", taints);
    }
}
