package io.shusuan.db.job;

/** A transition was asked for that the job's state does not allow. */
public final class WrongStateException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final JobState state;

    WrongStateException(JobId job, JobState state, String what) {
        super("job %s is %s and cannot %s".formatted(job, state, what));
        this.state = state;
    }

    public JobState state() {
        return state;
    }
}
