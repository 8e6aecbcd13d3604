package io.shusuan.db.job;

import io.shusuan.db.queue.PriorityClassName;
import io.shusuan.db.queue.QueueName;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A job as a line of a list: everything but its text and its tasks.
 *
 * @param priorityClass whose value its priority is; null for one that has a number of its own
 * @param idleSince since when all its GPUs do nothing, if it was warned of that
 */
public record JobSummary(
        JobId id,
        JobName name,
        String owner,
        QueueName queue,
        JobKind kind,
        JobState state,
        int priority,
        @Nullable PriorityClassName priorityClass,
        Resources total,
        @Nullable String reason,
        @Nullable String message,
        @Nullable String conditionReason,
        @Nullable Instant idleSince,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt) {}
