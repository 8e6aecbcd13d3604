package io.shusuan.scheduler.forecast;

import io.shusuan.scheduler.queue.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
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

    /** A tenth of the futures may be earlier than what is told, and a tenth later. */
    private static final double OUTSIDE = 0.1;

    /** What most of some possible starts have in common, of which null is one that is not looked so far ahead for. Nothing, if too few are known. */
    static Optional<Estimate> of(Collection<@Nullable Moment> possible) {
        var starts = new ArrayList<>(possible);
        starts.sort(Comparator.nullsLast(Comparator.naturalOrder()));
        var outside = (int) (starts.size() * OUTSIDE);
        var earliest = starts.get(outside);
        return earliest == null
                ? Optional.empty()
                : Optional.of(
                        new Estimate(earliest, starts.get(starts.size() / 2), starts.get(starts.size() - 1 - outside)));
    }

    /** Whether it was right about a job that has started now; a minute matters to nobody. */
    public boolean holds(Moment start) {
        return start.plus(TOLERANCE).compareTo(earliest) >= 0
                && (latest == null || start.compareTo(latest.plus(TOLERANCE)) <= 0);
    }
}
