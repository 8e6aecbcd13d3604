package io.shusuan.api.cluster;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.job.Occupancy;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The nodes, and who has what of them. */
@RestController
@Tag(name = "Cluster")
class NodeController {

    private final Occupancy occupancy;

    NodeController(Occupancy occupancy) {
        this.occupancy = occupancy;
    }

    /** An amount of what nodes have. */
    @Schema(name = "NodeAmount")
    record Amount(BigDecimal cpus, long memoryMB, int gpus) {

        static Amount of(Resources resources) {
            return new Amount(new BigDecimal(resources.cpus()), resources.memoryMiB(), resources.gpus());
        }
    }

    /**
     * A node.
     *
     * @param away why it takes no work; missing, if it does
     * @param taints the keys of what keeps jobs away that do not tolerate it
     * @param usedByOthers what runs there and is not the platform's
     * @param held what the jobs have together
     */
    @Schema(name = "NodeUse")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record View(
            String name,
            Capacity.Away.@Nullable Why away,
            Map<String, String> labels,
            Set<String> taints,
            Amount allocatable,
            Amount usedByOthers,
            Amount held,
            List<Share> jobs) {

        static View of(Occupancy.Taken taken) {
            var node = taken.node();
            return new View(
                    node.name(),
                    taken.away(),
                    new TreeMap<>(node.labels()),
                    new TreeSet<>(node.taints()),
                    Amount.of(node.allocatable()),
                    Amount.of(node.usedByOthers()),
                    Amount.of(taken.held()),
                    taken.shares().stream().map(Share::of).toList());
        }
    }

    /** What a job has of a node. */
    @Schema(name = "NodeShare")
    record Share(String job, String name, String owner, String queue, int tasks, Amount amount) {

        static Share of(Occupancy.Share share) {
            return new Share(
                    share.job().toString(),
                    share.name(),
                    share.owner(),
                    share.queue(),
                    share.tasks(),
                    Amount.of(share.resources()));
        }
    }

    @GetMapping("/api/v1/nodes")
    @Operation(
            summary = "All nodes, and which jobs have what of them",
            description =
                    "Those that take no work now (not ready, cordoned, not well by one of its taints, kept for the cluster itself) are behind the others.")
    List<View> list() throws ClusterUnavailableException {
        return occupancy.nodes().stream().map(View::of).toList();
    }
}
