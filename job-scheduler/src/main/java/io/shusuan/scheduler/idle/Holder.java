package io.shusuan.scheduler.idle;

import io.shusuan.db.job.JobId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A job that holds GPUs of a node.
 *
 * @param runningSince null while it does not run yet
 * @param watched whether its queue wants to know whether it uses them
 */
record Holder(JobId job, int run, @Nullable Instant runningSince, int gpus, boolean watched) {}
