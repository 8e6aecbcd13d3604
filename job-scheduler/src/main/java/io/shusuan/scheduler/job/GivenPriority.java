package io.shusuan.scheduler.job;

import io.shusuan.db.queue.PriorityClassName;

/** The priority that an administrator gives to a job. */
public sealed interface GivenPriority {

    record Own(int value) implements GivenPriority {}

    /** Whatever the class is worth, now and later. */
    record OfClass(PriorityClassName name) implements GivenPriority {}
}
