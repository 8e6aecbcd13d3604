package io.shusuan.scheduler.forecast;

import io.shusuan.db.job.JobId;
import java.util.Set;

/**
 * What futures are guessed from.
 *
 * @param services of those who wait: they do not end by themselves
 */
public record Experience(Set<JobId> services, RunTimes runTimes, Arrivals.Known arrivals) {

    public Experience {
        services = Set.copyOf(services);
    }
}
