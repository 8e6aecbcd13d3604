package io.shusuan.scheduler.cluster;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.spec.JobSpec;
import java.util.Map;

/**
 * A job that has been admitted, as a cluster needs to know it.
 *
 * @param artifactSources mount name → the job whose artifacts the mount shows
 * @param extraEnv variables the platform gives every task beside those of the spec and of the conventions
 */
public record Workload(
        JobId job, JobSpec spec, String owner, Map<String, JobId> artifactSources, Map<String, String> extraEnv) {

    public Workload {
        artifactSources = Map.copyOf(artifactSources);
        extraEnv = Map.copyOf(extraEnv);
    }
}
