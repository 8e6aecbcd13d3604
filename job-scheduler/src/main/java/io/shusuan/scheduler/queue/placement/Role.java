package io.shusuan.scheduler.queue.placement;

import io.shusuan.db.job.Resources;

/**
 * The like tasks of a gang.
 *
 * @param tasks how many it wants
 * @param minimum with how many it can begin; less than {@code tasks} for an elastic role
 */
public record Role(String name, Resources perTask, int tasks, int minimum, NodeSelector where) {

    public Role {
        if (minimum < 1 || tasks < minimum) {
            throw new IllegalArgumentException(
                    "role %s must have 1 to %d tasks at least, not %d".formatted(name, tasks, minimum));
        }
        if (perTask.milliCpus() < 0 || perTask.memoryMiB() < 0 || perTask.gpus() < 0) {
            throw new IllegalArgumentException("role %s asks for less than nothing: %s".formatted(name, perTask));
        }
    }

    public Role(String name, Resources perTask, int tasks, NodeSelector where) {
        this(name, perTask, tasks, tasks, where);
    }

    public boolean isElastic() {
        return minimum < tasks;
    }
}
