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
    SUSPENDED;

    /** The states in which a job holds its name. */
    public static final Set<JobState> ACTIVE = EnumSet.of(QUEUED, ADMITTED, STARTING, RUNNING, STOPPING, SUSPENDED);

    /** The states in which a job's tasks run, or are about to, and shall. */
    public static final Set<JobState> GOING = EnumSet.of(ADMITTED, STARTING, RUNNING);

    /** The states in which a job holds resources of the cluster. */
    public static final Set<JobState> HOLDING = EnumSet.of(ADMITTED, STARTING, RUNNING, STOPPING);

    public boolean isActive() {
        return ACTIVE.contains(this);
    }

    public boolean isFinal() {
        return !isActive();
    }
}
