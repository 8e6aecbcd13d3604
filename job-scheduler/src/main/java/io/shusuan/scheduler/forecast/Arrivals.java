package io.shusuan.scheduler.forecast;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Waiting;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What has been submitted of late, to guess what will be: what came yesterday at this hour comes again. Of the time before the first
 * one nothing is known: with less than a day, what is known is taken to come again and again.
 */
public final class Arrivals {

    private static final Duration PERIOD = Duration.ofDays(1);

    /** After less time nothing can be told about others who come. */
    private static final Duration SHORTEST = Duration.ofMinutes(10);

    /** Of busier days only the last part is known. */
    private static final int MOST = 5000;

    @GuardedBy("this")
    private final Deque<Waiting> past = new ArrayDeque<>();

    @GuardedBy("this")
    private @Nullable Moment since;

    @GuardedBy("this")
    private Moment newest = new Moment(Long.MIN_VALUE);

    /** Takes those that were not seen before. */
    public synchronized void note(List<Waiting> waiting, Moment now) {
        if (since == null) {
            since = now; // whoever waits already came before, at times of which others are not known
            newest = now;
        }
        var before = newest;
        for (var job : waiting) {
            if (job.submitted().compareTo(before) > 0) {
                past.add(job);
                newest = job.submitted().compareTo(newest) > 0 ? job.submitted() : newest;
            }
        }
        while (past.size() > MOST) {
            since = past.remove().submitted();
        }
        while (!past.isEmpty() && now.since(past.element().submitted()).compareTo(PERIOD) > 0) {
            past.remove();
        }
    }

    /** What there is of it at one moment. */
    public synchronized Known known(Moment now) {
        var begin = since;
        if (begin == null) {
            return Known.NONE;
        }
        var length = now.since(begin);
        return length.compareTo(SHORTEST) < 0
                ? Known.NONE
                : new Known(List.copyOf(past), length.compareTo(PERIOD) < 0 ? length : PERIOD);
    }

    /** What came within a period that ends now. */
    public record Known(List<Waiting> past, Duration period) {

        public static final Known NONE = new Known(List.of(), PERIOD);

        /** Who may come within one period that begins after so many others: each of the past once, or not at all, or more often. */
        List<Waiting> again(int periods, Random random) {
            var later = period.multipliedBy(periods + 1L);
            var coming = new ArrayList<Waiting>();
            for (var job : past) {
                for (var chance = random.nextDouble(); chance > Math.exp(-1); chance *= random.nextDouble()) {
                    coming.add(new Waiting(
                            new JobId(new UUID(random.nextLong(), random.nextLong())),
                            job.queue(),
                            job.user(),
                            job.priority(),
                            job.submitted().plus(later),
                            job.ask(),
                            job.limit(),
                            null,
                            null));
                }
            }
            coming.sort(Comparator.comparing(Waiting::submitted));
            return coming;
        }
    }
}
