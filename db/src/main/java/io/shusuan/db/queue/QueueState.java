package io.shusuan.db.queue;

/** What a queue does with its jobs. */
public enum QueueState {
    OPEN,
    /** Takes jobs and admits none; what runs goes on. */
    HELD,
    /** Takes no jobs and admits none; what runs goes on to its end. */
    DRAINED,
    /** Takes jobs and admits none; what runs goes back to its place in the line. */
    STOPPED
}
