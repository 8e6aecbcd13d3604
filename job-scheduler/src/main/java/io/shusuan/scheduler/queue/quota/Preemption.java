package io.shusuan.scheduler.queue.quota;

import java.time.Duration;

/**
 * Whom a queue's jobs may evict, and how its own are protected.
 *
 * @param lowerPriority whether a job may evict jobs of lower priority of its own queue
 * @param reclaim from whom the queue takes back what it owns
 * @param fairShare whether a job that has to borrow may evict jobs of those that have borrowed more than their share
 * @param minimumRun how long a job of this queue runs before it may be evicted
 */
public record Preemption(boolean lowerPriority, Reclaim reclaim, boolean fairShare, Duration minimumRun) {

    public static final Preemption NONE = new Preemption(false, Reclaim.NONE, false, Duration.ZERO);

    public Preemption {
        if (minimumRun.isNegative()) {
            throw new IllegalArgumentException("minimumRun must not be negative, but is " + minimumRun);
        }
    }
}
