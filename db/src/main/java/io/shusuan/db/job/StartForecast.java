package io.shusuan.db.job;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When a waiting job is expected to start.
 *
 * @param expected null, if that may be later than is looked ahead
 * @param latest null, likewise
 */
public record StartForecast(
        Instant toldAt,
        Instant earliest,
        @Nullable Instant expected,
        @Nullable Instant latest) {}
