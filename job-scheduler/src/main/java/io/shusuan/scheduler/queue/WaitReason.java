package io.shusuan.scheduler.queue;

/**
 * Why a job waits. The code is the same in the API, the portal, the events and the metrics. Declared in the order of their
 * precedence: of several that hold, the first is told.
 */
public enum WaitReason {
    ON_HOLD("OnHold", Tier.JOB),
    MISCONFIGURED("Misconfigured", Tier.JOB),
    PRIORITY_NOT_TAKEN("PriorityNotTaken", Tier.JOB),
    NO_MATCHING_NODE("NoMatchingNode", Tier.JOB),
    SUSPENDED("Suspended", Tier.JOB),
    WAITING_FOR_PODS_READY("WaitingForPodsReady", Tier.JOB),
    BUDGET_SPENT("BudgetSpent", Tier.JOB),
    EXCEEDS_MAX_QUOTA("ExceedsMaxQuota", Tier.CAPACITY),
    WAITING_FOR_QUOTA("WaitingForQuota", Tier.CAPACITY),
    TOPOLOGY_PLACEMENT_FAILED("TopologyPlacementFailed", Tier.CAPACITY),
    WAITING_FOR_CAPACITY("WaitingForCapacity", Tier.CAPACITY),
    WAITING_FOR_PREEMPTED("WaitingForPreempted", Tier.CAPACITY),
    WAITING_FOR_TURN("WaitingForTurn", Tier.CAPACITY),
    PENDING_EVALUATION("PendingEvaluation", Tier.EVALUATION);

    /** What has to change before such a job runs: the job or its queue, what is free, or nothing. */
    public enum Tier {
        JOB,
        CAPACITY,
        EVALUATION
    }

    private final String code;
    private final Tier tier;

    WaitReason(String code, Tier tier) {
        this.code = code;
        this.tier = tier;
    }

    public String code() {
        return code;
    }

    public Tier tier() {
        return tier;
    }

    /** Whether such a wait ends only if somebody changes the job, a quota or the nodes. */
    public boolean isForEver() {
        return switch (this) {
            case NO_MATCHING_NODE, EXCEEDS_MAX_QUOTA, MISCONFIGURED, PRIORITY_NOT_TAKEN -> true;
            case ON_HOLD,
                    SUSPENDED,
                    WAITING_FOR_PODS_READY,
                    BUDGET_SPENT,
                    WAITING_FOR_QUOTA,
                    TOPOLOGY_PLACEMENT_FAILED,
                    WAITING_FOR_CAPACITY,
                    WAITING_FOR_PREEMPTED,
                    WAITING_FOR_TURN,
                    PENDING_EVALUATION -> false;
        };
    }
}
