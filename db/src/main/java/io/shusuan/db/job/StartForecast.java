package io.shusuan.db.job;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When a waiting job is expected to start.
 *
 * @param expected null, if that may be later than is looked ahead
 * @param latest null, likewise
 */
public record StartForecast(
        Basis basis,
        Instant toldAt,
        Instant earliest,
        @Nullable Instant expected,
        @Nullable Instant latest) {

    /** How that was found. */
    public enum Basis {
        /** By the queue's own decisions about all who wait, run ahead. */
        SIMULATION,
        /** Roughly: by what is ahead of it in its queue, and what that holds and owns. */
        LINE
    }

    /** What holds of one that is so far on the way from this job to another in the line, from 0 to 1. */
    StartForecast between(StartForecast other, double part) {
        return new StartForecast(
                basis,
                toldAt.isBefore(other.toldAt) ? toldAt : other.toldAt,
                between(earliest, other.earliest, part),
                nullable(expected, other.expected, part),
                nullable(latest, other.latest, part));
    }

    private static @Nullable Instant nullable(@Nullable Instant one, @Nullable Instant other, double part) {
        return one == null || other == null ? null : between(one, other, part);
    }

    private static Instant between(Instant one, Instant other, double part) {
        return one.plus(
                Duration.ofMillis(Math.round(Duration.between(one, other).toMillis() * part)));
    }
}
