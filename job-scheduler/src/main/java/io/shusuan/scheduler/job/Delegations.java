package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobKind;
import io.shusuan.db.queue.Delegate;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.sharing.QueueSettings;
import io.shusuan.scheduler.sharing.SharingRefusedException;
import io.shusuan.scheduler.sharing.SharingRefusedException.Cause;
import io.shusuan.scheduler.sharing.SharingStore;
import io.shusuan.scheduler.spec.Fault;
import io.shusuan.scheduler.spec.JobSpec;
import io.shusuan.scheduler.spec.TextReferences;
import java.util.Arrays;
import java.util.Optional;
import org.springframework.stereotype.Service;

/** Asks, before queues and jobs are handed to another scheduler, whether there is such a one, and whether it takes them. */
@Service
public class Delegations {

    /** Jobs with no more roles than this everybody takes, and they need not be asked for. */
    private static final int ROLES_THAT_ALL_TAKE = Arrays.stream(Delegate.Scheduler.values())
            .mapToInt(Delegate.Scheduler::mostRoles)
            .min()
            .orElse(Integer.MAX_VALUE);

    private final Cluster cluster;
    private final SharingStore sharing;

    Delegations(Cluster cluster, SharingStore sharing) {
        this.cluster = cluster;
        this.sharing = sharing;
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

    /** Why the scheduler that a job's queue is handed to would not take it, at its place in the text. */
    Optional<Fault> refusal(JobSpec spec, byte[] text) {
        var roles = spec.taskRoles().size();
        if (spec.kind() != JobKind.TRAINING || roles <= ROLES_THAT_ALL_TAKE) {
            return Optional.empty();
        }
        return Optional.ofNullable(sharing.read().delegated().get(spec.queue()))
                .map(Delegate::scheduler)
                .filter(scheduler -> roles > scheduler.mostRoles())
                .map(scheduler -> TextReferences.in(text)
                        .conflict(
                                "taskRoles",
                                "queue '%s' is handed to %s, which takes gangs of up to %d task roles, and this job has %d: make fewer of them, or submit it to another queue"
                                        .formatted(spec.queue(), scheduler, scheduler.mostRoles(), roles),
                                Integer.toString(roles),
                                "at most %d task roles".formatted(scheduler.mostRoles())));
    }
}
