package io.shusuan.scheduler.job;

import io.shusuan.db.job.Placed;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.Observation;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.sharing.SharingStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** Where the tasks of a job are that another scheduler has placed: only the cluster tells. */
@Component
class Landings {

    private final Cluster cluster;
    private final SharingStore sharing;

    Landings(Cluster cluster, SharingStore sharing) {
        this.cluster = cluster;
        this.sharing = sharing;
    }

    private record Spot(String role, String node) {}

    /**
     * The placement as it is seen.
     *
     * @param known what was seen before, which is returned if it is still so
     */
    List<Placed> seen(List<Placed> known, Observation observation) throws ClusterUnavailableException {
        var seen = tasks(observation);
        Map<Spot, Integer> before = known.stream()
                .collect(Collectors.toMap(placed -> new Spot(placed.role(), placed.node()), Placed::tasks));
        if (seen.isEmpty() || seen.equals(before)) {
            return known; // of what has ended the pods may be gone
        }
        var flavours = flavours();
        var placement = new ArrayList<Placed>();
        seen.forEach((spot, tasks) -> placement.add(new Placed(
                spot.role(), flavours.getOrDefault(spot.node(), FlavourName.DEFAULT.value()), spot.node(), tasks)));
        return placement;
    }

    private static Map<Spot, Integer> tasks(Observation observation) {
        var tasks = new HashMap<Spot, Integer>();
        for (var attempt : Verdict.newest(observation).values()) {
            var node = attempt.node();
            if (node != null && attempt.phase() != Attempt.Phase.FAILED) {
                tasks.merge(new Spot(attempt.role(), node), 1, Integer::sum);
            }
        }
        return tasks;
    }

    private Map<String, String> flavours() throws ClusterUnavailableException {
        var shares = sharing.read();
        var capacity = cluster.capacity();
        var flavours = new TreeMap<String, String>();
        Stream.concat(capacity.nodes().stream(), capacity.away().stream().map(Capacity.Away::node))
                .forEach(node -> shares.flavourOf(node.labels())
                        .ifPresent(flavour -> flavours.put(node.name(), flavour.value())));
        return flavours;
    }
}
