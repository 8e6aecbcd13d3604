package io.shusuan.scheduler.job;

import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.NodeMode;
import io.shusuan.scheduler.job.Occupancy.Share;
import io.shusuan.scheduler.job.Occupancy.Taken;
import io.shusuan.scheduler.sharing.SharingRefusedException;
import io.shusuan.scheduler.sharing.SharingRefusedException.Cause;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Service;

/** What administrators do to nodes. That it was done is written in the cluster: it outlives the platform. */
@Service
public class NodeControl {

    private static final Logger log = LoggerFactory.getLogger(NodeControl.class);

    private final Cluster cluster;
    private final Occupancy occupancy;
    private final ApplicationEventPublisher events;

    NodeControl(Cluster cluster, Occupancy occupancy, ApplicationEventPublisher events) {
        this.cluster = cluster;
        this.occupancy = occupancy;
        this.events = events;
    }

    /**
     * Has a node take work, or none, or have the jobs on it leave as well.
     *
     * @param confirmed to drain a node on which there are jobs
     * @throws SharingRefusedException if jobs would be evicted and that was not confirmed
     */
    public void setMode(String name, NodeMode mode, boolean confirmed, String who)
            throws ClusterUnavailableException, ClusterRefusedException {
        var node = occupancy.nodes().stream()
                .filter(each -> each.node().name().equals(name))
                .findFirst()
                .orElseThrow(() -> new JobNotFoundException("there is no node '%s'".formatted(name)));
        if (mode == NodeMode.DRAINING && !confirmed) {
            requireEmpty(node);
        }
        cluster.setMode(name, mode);
        log.info("node {} is {}, as {} wants", name, mode, who);
        events.publishEvent(new NodesChanged());
    }

    private static void requireEmpty(Taken node) {
        if (!node.shares().isEmpty()) {
            throw new SharingRefusedException(
                    Cause.WOULD_EVICT,
                    "%d job(s) have tasks on node %s, with %d GPU there: they would be evicted whole and wait at their places for room elsewhere; repeat it with confirm=true if that is meant"
                            .formatted(
                                    node.shares().stream()
                                            .map(Share::job)
                                            .distinct()
                                            .count(),
                                    node.node().name(),
                                    node.held().gpus()));
        }
    }
}
