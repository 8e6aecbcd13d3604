package io.shusuan.scheduler.idle;

import io.shusuan.db.job.JobId;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the GPUs of a job that runs, on all its nodes together.
 *
 * @param nodes their names
 * @param warnedOf since when they did nothing when the job was warned; null, if no warning stands
 * @param stopsAt when it is to be stopped because of that
 */
record Idleness(
        JobId job,
        String queue,
        int gpus,
        String nodes,
        Measured measured,
        @Nullable Instant warnedOf,
        @Nullable Instant stopsAt) {

    /** What was measured. */
    sealed interface Measured {}

    /** All of them do nothing. */
    record Idle(Instant since, Duration time) implements Measured {}

    /** One of them works, or that cannot be excluded. */
    record Works() implements Measured {}

    /** Of at least one node nothing was heard of late. */
    record Unknown() implements Measured {}
}
