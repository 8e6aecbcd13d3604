package io.shusuan.scheduler.queue;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Why a job waits, with the numbers. The same one for all jobs that wait for the same thing.
 *
 * @param what of what there is too little
 * @param where whose it is: a queue, a cohort, a user's limit, the nodes
 * @param asked how much the job needs at least
 * @param free how much of it the job could have
 * @param holders who has the most of it
 */
public record Shortage(WaitReason reason, String what, String where, long asked, long free, List<Holder> holders) {

    public Shortage {
        holders = List.copyOf(holders);
    }

    static Shortage of(WaitReason reason, String what) {
        return new Shortage(reason, what, "", 0, 0, List.of());
    }

    /** The same numbers for another reason. */
    Shortage because(WaitReason other) {
        return new Shortage(other, what, where, asked, free, holders);
    }

    /** For whoever stands behind another job of the queue that waits for the same: the numbers are of no use to it yet. */
    Shortage turn() {
        return new Shortage(WaitReason.WAITING_FOR_TURN, what, "", asked, 0, List.of());
    }

    /** Whether nothing that ends can help: somebody has to change the job, a quota or the nodes. */
    public boolean isHopeless() {
        return reason.tier() == WaitReason.Tier.JOB || reason == WaitReason.EXCEEDS_MAX_QUOTA;
    }

    /** For people. */
    public String sentence() {
        return switch (reason) {
            case ON_HOLD,
                    MISCONFIGURED,
                    SUSPENDED,
                    WAITING_FOR_DEPENDENCY,
                    WAITING_FOR_PODS_READY,
                    PENDING_EVALUATION -> what;
            case NO_MATCHING_NODE ->
                where.isEmpty()
                        ? what
                        : "asks for %d %s, but %s has places for %d such; ask for less, or add nodes"
                                .formatted(asked, what, where, free);
            case EXCEEDS_MAX_QUOTA ->
                "asks for %d %s, but %s allows %d at most; ask for less, or for a larger quota"
                        .formatted(asked, what, where, free);
            case WAITING_FOR_QUOTA ->
                "asks for %d %s; of the quota of %s %d are free%s".formatted(asked, what, where, free, held());
            case TOPOLOGY_PLACEMENT_FAILED ->
                "asks for %d %s; the emptiest %s has places for %d such now%s"
                        .formatted(asked, what, where, free, held());
            case WAITING_FOR_CAPACITY ->
                "asks for %d %s; %s has places for %d such now%s".formatted(asked, what, where, free, held());
            case WAITING_FOR_PREEMPTED ->
                "asks for %d %s; waits until the jobs are gone that leave".formatted(asked, what);
            case WAITING_FOR_TURN ->
                "asks for %d %s; what is free is kept for jobs that are before it".formatted(asked, what);
        };
    }

    private String held() {
        return holders.isEmpty()
                ? ""
                : holders.stream()
                        .map(holder -> "%s %d".formatted(holder.name(), holder.amount()))
                        .collect(Collectors.joining(", ", "; held by ", ""));
    }
}
