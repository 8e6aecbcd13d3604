package io.shusuan.scheduler.queue;

import io.shusuan.scheduler.queue.quota.Resource;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Why a job waits, with the numbers. The same one for all jobs that wait for the same thing.
 *
 * @param what of what there is too little
 * @param where whose it is: a queue, a cohort, a user's limit, the nodes
 * @param unit of what {@code asked} and {@code free} are amounts; null for tasks
 * @param asked how much the job needs at least
 * @param free how much of it the job could have
 * @param holders who has the most of it
 */
public record Shortage(
        WaitReason reason,
        String what,
        String where,
        @Nullable Resource unit,
        long asked,
        long free,
        List<Holder> holders) {

    public Shortage {
        holders = List.copyOf(holders);
    }

    static Shortage of(WaitReason reason, String what) {
        return new Shortage(reason, what, "", null, 0, 0, List.of());
    }

    /** The same numbers for another reason. */
    Shortage because(WaitReason other) {
        return new Shortage(other, what, where, unit, asked, free, holders);
    }

    /** For whoever stands behind another job of the queue that waits for the same: the numbers are of no use to it yet. */
    Shortage turn() {
        return new Shortage(WaitReason.WAITING_FOR_TURN, what, "", unit, asked, 0, List.of());
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
                    WAITING_FOR_PODS_READY,
                    BUDGET_SPENT,
                    PRIORITY_NOT_TAKEN,
                    PENDING_EVALUATION -> what;
            case NO_MATCHING_NODE ->
                where.isEmpty()
                        ? what
                        : "asks for %s %s, but %s has places for %s such; ask for less, or add nodes"
                                .formatted(text(asked), what, where, text(free));
            case EXCEEDS_MAX_QUOTA ->
                "asks for %s %s, but %s allows %s at most; ask for less, or for a larger quota"
                        .formatted(text(asked), what, where, text(free));
            case WAITING_FOR_QUOTA ->
                "asks for %s %s; of the quota of %s %s are free%s"
                        .formatted(text(asked), what, where, text(free), held());
            case TOPOLOGY_PLACEMENT_FAILED ->
                "asks for %s %s; the emptiest %s has places for %s such now%s"
                        .formatted(text(asked), what, where, text(free), held());
            case WAITING_FOR_CAPACITY ->
                "asks for %s %s; %s has places for %s such now%s"
                        .formatted(text(asked), what, where, text(free), held());
            case WAITING_FOR_PREEMPTED ->
                "asks for %s %s; waits until the jobs are gone that leave".formatted(text(asked), what);
            case WAITING_FOR_TURN ->
                "asks for %s %s; what is free is kept for jobs that are before it".formatted(text(asked), what);
        };
    }

    private String held() {
        return holders.isEmpty()
                ? ""
                : holders.stream().map(this::text).collect(Collectors.joining(", ", "; held by ", ""));
    }

    private String text(long amount) {
        return unit == null ? Long.toString(amount) : unit.text(amount);
    }

    /** With its unit where the numbers are of something else. */
    private String text(Holder holder) {
        var amount = holder.name() + " " + holder.resource().text(holder.amount());
        return unit == null ? amount + " " + holder.resource().unit() : amount;
    }
}
