package io.shusuan.scheduler.job;

import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;

/** Told after the commit that changed anything people can see of a job, with the state it is in by then. */
public record JobChanged(JobId job, JobState state) {

    public static JobChanged of(Job job) {
        return new JobChanged(job.id(), job.state());
    }
}
