package io.shusuan.db.usage;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The GPUs that a queue had over time, in steps of the same length. */
public record Timeline(Instant from, Instant to, Duration step, List<Point> points) {

    /** More points than anybody looks at, or a page can draw. */
    public static final int MOST_POINTS = 2000;

    public Timeline {
        points = List.copyOf(points);
    }

    /**
     * A step.
     *
     * @param used how many GPUs its jobs held, on the average
     * @param peak how many they held at most
     * @param nominal how many it owned, on the average; null, if it had no limit or that is not known
     * @param borrowed how many of those that were used were more than it owned of their flavour, on the average; null like {@code nominal}
     */
    public record Point(
            Instant at,
            double used,
            long peak,
            @Nullable Double nominal,
            @Nullable Double borrowed) {}
}
