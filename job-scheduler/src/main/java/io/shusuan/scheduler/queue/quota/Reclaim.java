package io.shusuan.scheduler.queue.quota;

/** From whom a queue takes back what it owns and others have borrowed. */
public enum Reclaim {
    NONE,
    LOWER_PRIORITY,
    ANY
}
