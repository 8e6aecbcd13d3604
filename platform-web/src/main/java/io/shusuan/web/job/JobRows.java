package io.shusuan.web.job;

import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobSummary;

/** A job as a row of a list, where it was not found by a list. */
final class JobRows {

    private JobRows() {}

    static JobSummary summary(Job job) {
        return new JobSummary(
                job.id(),
                job.name(),
                job.owner(),
                job.queue(),
                job.kind(),
                job.state(),
                job.priority(),
                job.priorityClass(),
                job.total(),
                job.reason(),
                job.message(),
                job.condition() == null ? null : job.condition().reason(),
                job.idle() == null ? null : job.idle().since(),
                job.createdAt(),
                job.startedAt(),
                job.finishedAt());
    }
}
