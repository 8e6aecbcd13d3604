package io.shusuan.api.cluster;

import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterHealth;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
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
            @Nullable Capacity capacity) {}

    @GetMapping("/api/v1/cluster")
    @Operation(summary = "Whether the cluster answers, and its nodes")
    View get() throws ClusterUnavailableException {
        return switch (cluster.health()) {
            case ClusterHealth.Reachable reachable ->
                new View(cluster.name(), true, reachable.description(), null, cluster.capacity());
            case ClusterHealth.Unreachable away -> new View(cluster.name(), false, away.why(), away.since(), null);
        };
    }
}
