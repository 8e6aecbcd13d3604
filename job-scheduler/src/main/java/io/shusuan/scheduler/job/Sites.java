package io.shusuan.scheduler.job;

import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.queue.placement.Node;
import io.shusuan.scheduler.queue.placement.Site;
import io.shusuan.scheduler.sharing.Flavour;
import io.shusuan.scheduler.sharing.Sharing;
import io.shusuan.scheduler.spec.GpuLabels;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes of the cluster's nodes what the queue places tasks on; anew only when something about them has changed. For one thread. */
final class Sites {

    private final Levels levels;
    private @Nullable Capacity capacity;
    private List<Flavour> flavours = List.of();
    private Site site = new Site(List.of(), List.of());

    Sites(Levels levels) {
        this.levels = levels;
    }

    Site of(Capacity now, Sharing sharing) {
        if (!Objects.equals(now, capacity) || !flavours.equals(sharing.flavours())) {
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
                                            node.usedByOthers(),
                                            node.maxTasks(),
                                            GpuLabels.gigabytes(node.labels()),
                                            GpuLabels.mig(node.labels()))))
                            .toList());
            capacity = now;
            flavours = sharing.flavours();
        }
        return site;
    }
}
