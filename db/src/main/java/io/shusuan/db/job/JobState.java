package io.shusuan.db.job;

import java.util.EnumSet;
import java.util.Set;

/** Where a job is in its life. */
public enum JobState {
    QUEUED,
    ADMITTED,
    STARTING,
    RUNNING,
    STOPPING,
    SUCCEEDED,
    FAILED,
    STOPPED,
    /** Handed to another scheduler of the cluster, which has not admitted it, or has taken that back. */
    SUSPENDED;

    /** The states in which a job holds its name. */
    public static final Set<JobState> ACTIVE = EnumSet.of(QUEUED, ADMITTED, STARTING, RUNNING, STOPPING, SUSPENDED);

    /** The states in which a job's tasks run, or are about to, and shall. */
    public static final Set<JobState> GOING = EnumSet.of(ADMITTED, STARTING, RUNNING);

    /** The states in which the end of what the cluster has of a job can begin. */
    static final Set<JobState> ENDABLE = EnumSet.of(ADMITTED, STARTING, RUNNING, SUSPENDED);

    /** The states in which a job holds resources of the cluster. */
    public static final Set<JobState> HOLDING = EnumSet.of(ADMITTED, STARTING, RUNNING, STOPPING);

    /** The states in which the cluster has objects of a job, or is about to. */
    public static final Set<JobState> APPLIED = EnumSet.of(ADMITTED, STARTING, RUNNING, STOPPING, SUSPENDED);

    public boolean isActive() {
        return ACTIVE.contains(this);
    }

    public boolean isFinal() {
        return !isActive();
    }
}
