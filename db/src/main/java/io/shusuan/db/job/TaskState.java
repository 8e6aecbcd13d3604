package io.shusuan.db.job;

/** Where a task is: what its newest attempt says, or that none has begun. */
public enum TaskState {
    WAITING,
    STARTING,
    RUNNING,
    SUCCEEDED,
    FAILED,
    STOPPED
}
