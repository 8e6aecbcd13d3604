package io.shusuan.db.job;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What was taken from a job.
 *
 * @param run that ended with it
 * @param preemptor for which job; null, if for none
 * @param wastedGpuSeconds what the run had used, which is lost if it saved none of its work
 */
public record Eviction(
        JobId job,
        int run,
        Instant at,
        EvictionCause cause,
        @Nullable JobId preemptor,
        long wastedGpuSeconds) {}
