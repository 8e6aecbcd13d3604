package io.shusuan.scheduler.job;

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

    /** Jobs with tasks of no more kinds than this everybody takes, and they need not be asked for. */
    private static final int KINDS_THAT_ALL_TAKE = Arrays.stream(Delegate.Scheduler.values())
            .mapToInt(Delegate.Scheduler::mostKinds)
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
        var kinds = spec.kindsOfTasks();
        if (spec.kind().serves() || kinds <= KINDS_THAT_ALL_TAKE) {
            return Optional.empty();
        }
        return Optional.ofNullable(sharing.read().delegated().get(spec.queue()))
                .map(Delegate::scheduler)
                .filter(scheduler -> kinds > scheduler.mostKinds())
                .map(scheduler -> TextReferences.in(text)
                        .conflict(
                                "taskRoles",
                                "queue '%s' is handed to %s, which takes gangs of up to %d kinds of tasks, and this job has %d: let some task roles ask for the same resources, nodes and ports, or submit it to another queue"
                                        .formatted(spec.queue(), scheduler, scheduler.mostKinds(), kinds),
                                Integer.toString(kinds),
                                "at most %d kinds of tasks".formatted(scheduler.mostKinds())));
    }
}
