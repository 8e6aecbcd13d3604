package io.shusuan.api.job;

import io.shusuan.api.problem.Excerpt;
import io.shusuan.api.request.RequestId;
import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Jobs;
import io.shusuan.scheduler.job.JobNotFoundException;
import java.util.Optional;
import org.slf4j.MDC;
import org.springframework.stereotype.Component;

/** Jobs by the id that a path gives. */
@Component
class KnownJobs {

    private final Jobs jobs;

    KnownJobs(Jobs jobs) {
        this.jobs = jobs;
    }

    Job get(String id) {
        return get(parse(id));
    }

    Optional<Job> find(JobId id) {
        return jobs.find(id);
    }

    private Job get(JobId id) {
        MDC.put(RequestId.JOB_LOG_KEY, id.toString());
        return jobs.find(id).orElseThrow(() -> new JobNotFoundException(id));
    }

    private static JobId parse(String id) {
        try {
            return JobId.parse(id);
        } catch (IllegalArgumentException noId) {
            throw new JobNotFoundException(
                    "'%s' is no job id: take it from the list at /api/v1/jobs".formatted(Excerpt.of(id)));
        }
    }
}
