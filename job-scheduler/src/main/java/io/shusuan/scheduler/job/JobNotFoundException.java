package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;

/** There is no such job, or it is not for the one who asks. */
public final class JobNotFoundException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public JobNotFoundException(JobId job) {
        super("there is no job %s".formatted(job));
    }

    public JobNotFoundException(String what) {
        super(what);
    }
}
