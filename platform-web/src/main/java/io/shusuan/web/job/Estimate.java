package io.shusuan.web.job;

import io.shusuan.db.job.StartForecast;
import io.shusuan.db.job.StartForecasts;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When a job is expected to start, and how good the last such estimates of its queue were.
 *
 * @param rough found by its line alone
 */
record Estimate(Instant earliest, @Nullable Instant latest, boolean rough, StartForecasts.Past past) {

    /** Fewer say nothing about the next one. */
    private static final int ENOUGH = 5;

    static Estimate of(StartForecast told, StartForecasts.Past past) {
        return new Estimate(told.earliest(), told.latest(), told.basis() == StartForecast.Basis.LINE, past);
    }

    public boolean isJudged() {
        return past.jobs() >= ENOUGH;
    }

    public long percentRight() {
        return Math.round(100.0 * past.right() / past.jobs());
    }
}
