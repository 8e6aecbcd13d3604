package io.shusuan.scheduler.forecast;

import io.shusuan.scheduler.queue.Moment;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a waiting job will start, most likely: four of five should be right.
 *
 * @param expected as likely earlier as later; null, if it may take longer than is looked ahead, or for ever
 * @param latest null, likewise
 */
public record Estimate(
        Moment earliest,
        @Nullable Moment expected,
        @Nullable Moment latest) {

    private static final Duration TOLERANCE = Duration.ofMinutes(1);

    /** Whether it was right about a job that has started now; a minute matters to nobody. */
    public boolean holds(Moment start) {
        return start.plus(TOLERANCE).compareTo(earliest) >= 0
                && (latest == null || start.compareTo(latest.plus(TOLERANCE)) <= 0);
    }
}
