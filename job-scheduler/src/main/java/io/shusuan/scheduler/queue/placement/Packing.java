package io.shusuan.scheduler.queue.placement;

/** Whether tasks are put on few nodes or on many. */
public enum Packing {
    PACK,
    SPREAD,
    /** On few nodes, and as evenly as possible over as few domains of the level of {@link Proximity} as can hold them. */
    BALANCE
}
