package io.shusuan.scheduler.queue.fifo;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.queue.WaitReason;
import io.shusuan.scheduler.queue.fifo.Decision.Admit;
import io.shusuan.scheduler.queue.fifo.Decision.Wait;
import io.shusuan.scheduler.queue.fifo.Snapshot.Share;
import io.shusuan.scheduler.queue.fifo.Snapshot.Waiting;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * First come, first served, against the capacity seen. The first gang that does not fit now holds back all behind it, so
 * that small jobs cannot starve a large one. A gang that can never fit holds back nobody.
 */
public final class FifoPolicy {

    public List<Decision> decide(Snapshot snapshot) {
        var decisions = new ArrayList<Decision>();
        var free = new Free(snapshot);
        var blocked = false;
        for (var waiting : snapshot.waiting()) {
            var decision = blocked ? new Turn(waiting).decide(snapshot) : free.decide(waiting);
            blocked |= decision instanceof Wait wait && wait.reason() == WaitReason.WAITING_FOR_CAPACITY;
            decisions.add(decision);
        }
        return decisions;
    }

    /** A gang behind one that waits for capacity. */
    private record Turn(Waiting waiting) {
        Decision decide(Snapshot snapshot) {
            var never = neverFits(waiting, snapshot);
            return never != null
                    ? never
                    : new Wait(
                            waiting.job(),
                            WaitReason.WAITING_FOR_TURN,
                            "waits behind earlier jobs of the cluster, in queue %s".formatted(waiting.queue()));
        }
    }

    /** What is free while this cycle's admissions are counted in. */
    private static final class Free {
        private final Snapshot snapshot;
        private Resources resources;
        private int tasks;

        Free(Snapshot snapshot) {
            this.snapshot = snapshot;
            var capacity = snapshot.capacity();
            resources = capacity.allocatable().minus(capacity.usedByOthers()).minus(snapshot.held());
            tasks = maxTasks(snapshot) - snapshot.heldTasks();
        }

        Decision decide(Waiting waiting) {
            var never = neverFits(waiting, snapshot);
            if (never != null) {
                return never;
            }
            if (!waiting.total().fitsIn(resources) || waiting.tasks() > tasks) {
                return new Wait(
                        waiting.job(),
                        WaitReason.WAITING_FOR_CAPACITY,
                        "asks for %s in %d task(s); free are %s and room for %d task(s); jobs of this platform hold %s"
                                .formatted(waiting.total(), waiting.tasks(), resources, tasks, snapshot.held()));
            }
            resources = resources.minus(waiting.total());
            tasks -= waiting.tasks();
            return new Admit(waiting.job());
        }
    }

    private static int maxTasks(Snapshot snapshot) {
        return snapshot.capacity().nodes().stream()
                .mapToInt(node -> node.maxTasks())
                .sum();
    }

    private static @Nullable Wait neverFits(Waiting waiting, Snapshot snapshot) {
        var nodes = snapshot.capacity().nodes();
        for (Share share : waiting.shares()) {
            if (nodes.stream().noneMatch(node -> share.perTask().fitsIn(node.allocatable()))) {
                return new Wait(
                        waiting.job(),
                        WaitReason.NO_MATCHING_NODE,
                        "a task of role %s asks for %s, but %s; ask for less, or add a larger node"
                                .formatted(share.role(), share.perTask(), largest(snapshot)));
            }
        }
        for (Share share : waiting.shares()) {
            var places = nodes.stream()
                    .mapToLong(node -> places(share.perTask(), node))
                    .sum();
            if (share.tasks() > places) {
                return new Wait(
                        waiting.job(),
                        WaitReason.NO_MATCHING_NODE,
                        "role %s asks for %d task(s) of %s each, but the whole cluster has places for %d such; ask for less, or add nodes"
                                .formatted(share.role(), share.tasks(), share.perTask(), places));
            }
        }
        var all = snapshot.capacity().allocatable();
        if (!waiting.total().fitsIn(all) || waiting.tasks() > maxTasks(snapshot)) {
            return new Wait(
                    waiting.job(),
                    WaitReason.NO_MATCHING_NODE,
                    "all tasks together ask for %s in %d task(s), but the whole cluster has %s and room for %d task(s); ask for less, or add nodes"
                            .formatted(waiting.total(), waiting.tasks(), all, maxTasks(snapshot)));
        }
        return null;
    }

    /** How many tasks of this size an empty node takes. */
    private static long places(Resources perTask, Capacity.Node node) {
        var room = node.allocatable();
        return Math.min(
                Math.min(node.maxTasks(), times(perTask.milliCpus(), room.milliCpus())),
                Math.min(times(perTask.memoryMiB(), room.memoryMiB()), times(perTask.gpus(), room.gpus())));
    }

    private static long times(long each, long room) {
        return each == 0 ? Long.MAX_VALUE : Math.max(0, room / each);
    }

    private static String largest(Snapshot snapshot) {
        return snapshot.capacity().nodes().stream()
                .map(node -> node.allocatable())
                .max((one, other) -> one.gpus() != other.gpus()
                        ? Integer.compare(one.gpus(), other.gpus())
                        : Long.compare(one.milliCpus(), other.milliCpus()))
                .map(most -> "the largest node has %s".formatted(most))
                .orElse("the cluster has no node that takes work");
    }
}
