package io.shusuan.scheduler.cluster;

/** How a run stands with the scheduler of the cluster that its job was handed to. */
public sealed interface Standing {

    /**
     * It has not been admitted, or that was taken back: its tasks are not there, or go.
     *
     * @param reason a code that begins with the scheduler's name
     */
    record Waiting(String reason, String sentence) implements Standing {}

    /** It is admitted. A task that has ended badly is begun anew as long as this is so. */
    record Going() implements Standing {}

    /** It has ended: how, its attempts tell. */
    record Over() implements Standing {}
}
