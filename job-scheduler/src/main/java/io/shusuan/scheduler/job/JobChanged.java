package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;

/** Told after the commit that changed anything people can see of a job. */
public record JobChanged(JobId job) {}
