package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.queue.WaitReason;
import io.shusuan.scheduler.queue.fifo.Decision;
import io.shusuan.scheduler.queue.fifo.Decision.Wait;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the waiting jobs have been told, so that rows are written only for news. All of it may be forgotten at any time: then
 * it is said once more. For one thread.
 */
final class Told {

    /** Beyond so many hopeless jobs all is forgotten and said anew, rather than remembered without bound. */
    private static final int MOST_HOPELESS = 50_000;

    private final Map<JobId, Decision> last = new HashMap<>();
    private final Set<JobId> hopeless = new HashSet<>();
    private final Set<JobId> disturbed = new HashSet<>();
    private @Nullable Capacity capacity;

    /** The jobs that fit nowhere, whatever ends: they need not be looked at until the nodes change. */
    Set<JobId> hopeless() {
        return hopeless;
    }

    /** Other nodes may take what the former ones could not. */
    void capacityIs(Capacity now) {
        var nodes = new Capacity(now.nodes().stream()
                .map(node -> new Capacity.Node(node.name(), node.allocatable(), Resources.NONE, node.maxTasks()))
                .toList());
        if (!Objects.equals(nodes, capacity) || hopeless.size() > MOST_HOPELESS) {
            hopeless.clear();
            capacity = nodes;
        }
        if (!disturbed.isEmpty()) {
            disturbed.clear();
            last.clear();
        }
    }

    boolean isNews(Decision decision) {
        return !decision.equals(last.get(decision.job()));
    }

    /** Whether the job must yet be told that the cluster is away. */
    boolean isDisturbance(JobId job) {
        return disturbed.add(job);
    }

    /** @param decisions all of a cycle: who is in none of them waits no more */
    void remember(List<Decision> decisions, Collection<Decision> failed) {
        last.clear();
        for (var decision : decisions) {
            if (!failed.contains(decision)) {
                last.put(decision.job(), decision);
                if (decision instanceof Wait wait && wait.reason() == WaitReason.NO_MATCHING_NODE) {
                    hopeless.add(decision.job());
                }
            }
        }
    }

    void forget() {
        last.clear();
        hopeless.clear();
        disturbed.clear();
        capacity = null;
    }
}
