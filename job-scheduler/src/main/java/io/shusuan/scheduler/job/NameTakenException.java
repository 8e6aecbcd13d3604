package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobName;

/** The name belongs to a job that is still active. */
public final class NameTakenException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient JobId holder;

    NameTakenException(JobName name, JobId holder) {
        super("the name %s is taken by active job %s: stop it, or choose another jobName".formatted(name, holder));
        this.holder = holder;
    }

    public JobId holder() {
        return holder;
    }
}
