package io.shusuan.scheduler.job;

import org.jspecify.annotations.Nullable;

/** A job as somebody hands it in: the bytes, what they are said to be, who sends them. */
public record Submission(
        byte[] text,
        String mediaType,
        String owner,
        @Nullable String idempotencyKey) {}
