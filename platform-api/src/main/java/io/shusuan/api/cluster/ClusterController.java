package io.shusuan.api.cluster;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterHealth;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The cluster and what it has. */
@RestController
@Tag(name = "Cluster", description = "Where work runs")
class ClusterController {

    private final Cluster cluster;

    ClusterController(Cluster cluster) {
        this.cluster = cluster;
    }

    @Schema(name = "Cluster")
    record View(
            String name,
            boolean reachable,
            String description,
            @Nullable Instant unreachableSince,
            @Nullable Nodes capacity) {}

    /**
     * Its nodes.
     *
     * @param away those that take no work now
     */
    @Schema(name = "Capacity")
    record Nodes(List<Capacity.Node> nodes, List<Away> away) {

        static Nodes of(Capacity capacity) {
            return new Nodes(
                    capacity.nodes(), capacity.away().stream().map(Away::of).toList());
        }
    }

    /** A node that takes no work, and what it would have. */
    @Schema(name = "Away")
    record Away(String name, Capacity.Away.Why why, Resources allocatable) {

        static Away of(Capacity.Away away) {
            return new Away(away.node().name(), away.why(), away.node().allocatable());
        }
    }

    @GetMapping("/api/v1/cluster")
    @Operation(summary = "Whether the cluster answers, and its nodes")
    View get() throws ClusterUnavailableException {
        return switch (cluster.health()) {
            case ClusterHealth.Reachable reachable ->
                new View(cluster.name(), true, reachable.description(), null, Nodes.of(cluster.capacity()));
            case ClusterHealth.Unreachable away -> new View(cluster.name(), false, away.why(), away.since(), null);
        };
    }
}
