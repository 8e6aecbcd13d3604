package io.shusuan.scheduler.queue;

/** Why a job waits. The code is the same in the API, the portal, the events and the metrics. */
public enum WaitReason {
    ON_HOLD("OnHold"),
    NO_MATCHING_NODE("NoMatchingNode"),
    WAITING_FOR_CAPACITY("WaitingForCapacity"),
    WAITING_FOR_TURN("WaitingForTurn");

    private final String code;

    WaitReason(String code) {
        this.code = code;
    }

    public String code() {
        return code;
    }
}
