package io.shusuan.scheduler.job;

import io.shusuan.db.job.Job;
import java.util.Map;

/** Variables that the platform gives the tasks of a job beside those of its text, e.g. where a runtime agent reports to. */
public interface TaskEnvironment {

    /** The same job always gets the same variables, so that saying a workload again changes nothing. */
    Map<String, String> of(Job job);
}
