package io.shusuan.db.job;

import io.shusuan.db.queue.PriorityClassName;
import io.shusuan.db.queue.QueueName;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a job is made of.
 *
 * @param priority what its class is worth, if it has one
 */
public record Submitted(
        JobName name,
        String owner,
        QueueName queue,
        JobKind kind,
        int priority,
        @Nullable PriorityClassName priorityClass,
        @Nullable String description,
        byte[] text,
        String mediaType,
        Map<String, JobId> artifactSources,
        Resources total) {}
