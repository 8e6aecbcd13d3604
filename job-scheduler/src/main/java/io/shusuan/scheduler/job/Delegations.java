package io.shusuan.scheduler.job;

import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.sharing.QueueSettings;
import io.shusuan.scheduler.sharing.SharingRefusedException;
import io.shusuan.scheduler.sharing.SharingRefusedException.Cause;
import org.springframework.stereotype.Service;

/** Asks, before a queue is handed to another scheduler, whether there is such a one. */
@Service
public class Delegations {

    private final Cluster cluster;

    Delegations(Cluster cluster) {
        this.cluster = cluster;
    }

    /** @throws SharingRefusedException if the queue shall be handed to a scheduler that is not installed */
    public void check(QueueSettings queue) throws ClusterUnavailableException {
        var to = queue.delegate();
        if (to == null) {
            return;
        }
        try {
            cluster.requireInstalled(to.scheduler());
        } catch (ClusterRefusedException missing) {
            throw new SharingRefusedException(Cause.NOT_INSTALLED, missing.getMessage());
        }
    }
}
