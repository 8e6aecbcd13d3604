package io.shusuan.api.cluster;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.api.security.Caller;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.NodeMode;
import io.shusuan.scheduler.job.NodeControl;
import io.shusuan.scheduler.job.Occupancy;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.security.Principal;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The nodes, and who has what of them. */
@RestController
@Tag(name = "Cluster")
class NodeController {

    private static final int MAX_PAGE = 200;

    private final Occupancy occupancy;
    private final NodeControl control;

    NodeController(Occupancy occupancy, NodeControl control) {
        this.occupancy = occupancy;
        this.control = control;
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

    /** A page of the list; {@code next} is the value of {@code after} for the page that follows. */
    @Schema(name = "NodePage")
    record Page(List<View> items, @Nullable String next) {

        static Page of(List<Occupancy.Taken> nodes, @Nullable String after, int limit) {
            var following = nodes.stream()
                    .filter(each -> after == null || each.node().name().compareTo(after) > 0)
                    .sorted(Comparator.comparing(each -> each.node().name()))
                    .toList();
            var items = following.stream().limit(limit).map(View::of).toList();
            return new Page(
                    items, items.size() < following.size() ? items.getLast().name() : null);
        }
    }

    @GetMapping("/api/v1/nodes")
    @Operation(
            summary = "All nodes by their names, and which jobs have what of them",
            description =
                    "Those that take no work now (not ready, cordoned, not well by one of its taints, kept for the"
                            + " cluster itself) say so by away. To go on, give the page's next as after.")
    Page list(@RequestParam(required = false) @Nullable String after, @RequestParam(defaultValue = "50") int limit)
            throws ClusterUnavailableException {
        if (limit < 1 || limit > MAX_PAGE) {
            throw new ProblemException(ProblemKind.BAD_REQUEST, "limit is %d; give 1 to %d".formatted(limit, MAX_PAGE));
        }
        return Page.of(occupancy.nodes(), after, limit);
    }

    @PostMapping("/api/v1/nodes/{name}/cordon")
    @Operation(
            summary = "Cordon a node",
            description = "It takes no work from now on; what is there runs on. Ends a drain, too.")
    void cordon(@PathVariable String name, Principal principal)
            throws ClusterUnavailableException, ClusterRefusedException {
        setMode(name, NodeMode.CORDONED, false, principal);
    }

    @PostMapping("/api/v1/nodes/{name}/drain")
    @Operation(
            summary = "Drain a node",
            description =
                    "It takes no work, and the jobs that have tasks there are evicted whole: they wait again at their old"
                            + " places and run elsewhere. Refused with how many jobs that are, unless confirm=true.")
    void drain(@PathVariable String name, @RequestParam(defaultValue = "false") boolean confirm, Principal principal)
            throws ClusterUnavailableException, ClusterRefusedException {
        setMode(name, NodeMode.DRAINING, confirm, principal);
    }

    @PostMapping("/api/v1/nodes/{name}/uncordon")
    @Operation(summary = "Have a node take work again that was cordoned or drained")
    void uncordon(@PathVariable String name, Principal principal)
            throws ClusterUnavailableException, ClusterRefusedException {
        setMode(name, NodeMode.OPEN, false, principal);
    }

    private void setMode(String name, NodeMode mode, boolean confirm, Principal principal)
            throws ClusterUnavailableException, ClusterRefusedException {
        var caller = Caller.of(principal);
        caller.requireAdmin("closing and opening nodes");
        control.setMode(name, mode, confirm, caller.name());
    }
}
