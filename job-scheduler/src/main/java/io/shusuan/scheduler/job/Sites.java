package io.shusuan.scheduler.job;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.queue.Running;
import io.shusuan.scheduler.queue.placement.Node;
import io.shusuan.scheduler.queue.placement.Placement;
import io.shusuan.scheduler.queue.placement.Site;
import io.shusuan.scheduler.sharing.Flavour;
import io.shusuan.scheduler.sharing.Sharing;
import io.shusuan.scheduler.spec.GpuLabels;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes of the cluster's nodes what the queue places tasks on; anew only when something about them has changed. For one thread. */
final class Sites {

    private final Levels levels;
    private @Nullable Capacity capacity;
    private List<Running> foreign = List.of();
    private List<Flavour> flavours = List.of();
    private Site site = new Site(List.of(), List.of());

    Sites(Levels levels) {
        this.levels = levels;
    }

    /** @param delegated the jobs that another scheduler has placed: they have what they have, as pods of others do */
    Site of(Capacity now, Sharing sharing, List<Running> delegated) {
        if (!Objects.equals(now, capacity) || !flavours.equals(sharing.flavours()) || !foreign.equals(delegated)) {
            Map<String, List<Placement.Spot>> taken = delegated.stream()
                    .flatMap(job -> job.placement().spots().stream())
                    .collect(Collectors.groupingBy(Placement.Spot::node));
            site = new Site(
                    levels.names(),
                    now.nodes().stream()
                            .flatMap(node -> sharing.flavourOf(node.labels()).stream()
                                    .map(flavour -> new Node(
                                            node.name(),
                                            flavour,
                                            node.labels(),
                                            node.taints(),
                                            levels.domains(node),
                                            node.allocatable(),
                                            used(taken, node).plus(node.usedByOthers()),
                                            Math.max(0, node.maxTasks() - tasks(taken, node)),
                                            GpuLabels.gigabytes(node.labels()),
                                            GpuLabels.mig(node.labels()))))
                            .toList());
            capacity = now;
            foreign = delegated;
            flavours = sharing.flavours();
        }
        return site;
    }

    private static Resources used(Map<String, List<Placement.Spot>> taken, Capacity.Node node) {
        return taken.getOrDefault(node.name(), List.of()).stream()
                .map(spot -> spot.perTask().times(spot.tasks()))
                .reduce(Resources.NONE, Resources::plus);
    }

    private static int tasks(Map<String, List<Placement.Spot>> taken, Capacity.Node node) {
        return taken.getOrDefault(node.name(), List.of()).stream()
                .mapToInt(Placement.Spot::tasks)
                .sum();
    }
}
