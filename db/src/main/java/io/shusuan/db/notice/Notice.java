package io.shusuan.db.notice;

import io.shusuan.db.job.JobId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What somebody is told about a job.
 *
 * @param readAt when they said that they have read it
 */
public record Notice(
        long id,
        String user,
        Instant at,
        NoticeKind kind,
        JobId job,
        String jobName,
        String queue,
        String message,
        @Nullable Instant readAt) {}
