package io.shusuan.scheduler.queue.quota;

/** What a queue does with its jobs. */
public enum QueueState {
    OPEN,
    /** Takes submissions and admits none; what runs goes on. */
    HELD,
    /** Admits none and takes none; what runs goes on to its end. */
    DRAINED,
    /** Admits none; what runs is evicted. */
    STOPPED
}
