package io.shusuan.scheduler.forecast;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Snapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** When those who wait will start: the range that most of some possible futures have in common. */
public final class Forecast {

    /** So many futures are looked at, if there is time. */
    private static final int FUTURES = 20;

    /** So many are enough to tell a range. */
    private static final int FEWEST = 5;

    /** A tenth of the futures may be earlier than what is told, and a tenth later. */
    private static final double OUTSIDE = 0.1;

    /** Further ahead nothing is told. */
    private static final Duration HORIZON = Duration.ofDays(14);

    private Forecast() {}

    /**
     * Whoever is not among them starts in too few of the futures, or cannot be told.
     *
     * @param services of those who wait: they do not end by themselves
     * @param budget how long to think about it: with less time fewer futures are looked at, and none so far
     */
    public static Map<JobId, Estimate> of(
            Snapshot snapshot, Set<JobId> services, RunTimes runTimes, Arrivals.Known arrivals, Duration budget) {
        // the same snapshot, the same estimates, if there is time for all of them
        var random = new Random(snapshot.time().millis());
        var futures = new ArrayList<Map<JobId, Moment>>();
        var begin = System.nanoTime();
        while (futures.size() < FUTURES && (futures.size() < FEWEST || System.nanoTime() - begin < budget.toNanos())) {
            var last = System.nanoTime() + budget.toNanos() / FEWEST;
            futures.add(new Future(snapshot, services, runTimes, arrivals, random)
                    .starts(snapshot.time().plus(HORIZON), () -> System.nanoTime() >= last));
        }
        var estimates = new HashMap<JobId, Estimate>();
        for (var job : snapshot.waiting()) {
            var estimate = estimate(job.job(), futures);
            if (estimate != null) {
                estimates.put(job.job(), estimate);
            }
        }
        return estimates;
    }

    private static @Nullable Estimate estimate(JobId job, List<Map<JobId, Moment>> futures) {
        var starts = futures.stream()
                .map(future -> future.get(job))
                .sorted(Comparator.nullsLast(Comparator.naturalOrder()))
                .toList();
        var outside = (int) Math.floor(starts.size() * OUTSIDE);
        var earliest = starts.get(outside);
        return earliest == null
                ? null
                : new Estimate(earliest, starts.get(starts.size() / 2), starts.get(starts.size() - 1 - outside));
    }
}
