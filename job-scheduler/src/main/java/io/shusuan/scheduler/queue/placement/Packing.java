package io.shusuan.scheduler.queue.placement;

/** Whether tasks are put on few nodes or on many. */
public enum Packing {
    PACK,
    SPREAD
}
