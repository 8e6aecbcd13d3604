package io.shusuan.db.job;

import io.shusuan.db.queue.QueueName;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a job is made of. */
public record Submitted(
        JobName name,
        String owner,
        QueueName queue,
        JobKind kind,
        int priority,
        @Nullable String description,
        byte[] text,
        String mediaType,
        Map<String, JobId> artifactSources,
        Resources total) {}
