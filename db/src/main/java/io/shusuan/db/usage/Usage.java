package io.shusuan.db.usage;

import org.jspecify.annotations.Nullable;

/**
 * What was held together by all that have a key in common.
 *
 * @param key a queue, a user, a job's id, a flavour or a day
 * @param name of the job, where the key is one
 * @param jobs how many
 * @param wastedGpuHours of runs that were evicted, which are lost where a job saves none of its work
 * @param chargedGpuHours such hours of others, which these made them lose
 */
public record Usage(
        String key,
        @Nullable String name,
        long jobs,
        double gpuHours,
        double cpuHours,
        double memoryGBHours,
        double wastedGpuHours,
        double chargedGpuHours) {}
