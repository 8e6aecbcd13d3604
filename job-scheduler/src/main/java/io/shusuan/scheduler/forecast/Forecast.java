package io.shusuan.scheduler.forecast;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.queue.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** When those who wait will start: the range that most of some possible futures have in common. */
public final class Forecast {

    /** So many futures are looked at, if there is time. */
    static final int FUTURES = 20;

    /** So many are enough to tell a range. */
    static final int FEWEST = 5;

    /** Further ahead nothing is told. */
    static final Duration HORIZON = Duration.ofDays(14);

    private Forecast() {}

    /**
     * What can be told of all who wait. Whoever is not among them starts in too few of the futures, or cannot be told.
     *
     * @param cut whether there was too little time to follow all futures until they start
     */
    public record Told(Map<JobId, Estimate> estimates, boolean cut) {}

    /** @param budget how long to think about it: with less time fewer futures are looked at, and none so far */
    public static Told of(Snapshot snapshot, Experience experience, Duration budget) {
        var waiting = snapshot.waiting().stream().map(Waiting::job).collect(Collectors.toUnmodifiableSet());
        var futures = futures(snapshot, waiting, experience, budget);
        var starts = starts(futures);
        var estimates = new HashMap<JobId, Estimate>();
        for (var job : waiting) {
            estimate(job, starts).ifPresent(estimate -> estimates.put(job, estimate));
        }
        return new Told(estimates, futures.stream().anyMatch(Future::wasCut));
    }

    /**
     * What can be told of one job.
     *
     * @param cut whether there was too little time to follow all futures until it starts
     */
    public record Foreseen(Optional<Estimate> estimate, boolean cut) {}

    /** Of one who waits: the futures are followed only until that one starts. */
    public static Foreseen of(JobId job, Snapshot snapshot, Experience experience, Duration budget) {
        var futures = futures(snapshot, Set.of(job), experience, budget);
        return new Foreseen(estimate(job, starts(futures)), futures.stream().anyMatch(Future::wasCut));
    }

    private static List<Map<JobId, Moment>> starts(List<Future> futures) {
        return futures.stream().map(Future::starts).toList();
    }

    private static List<Future> futures(Snapshot snapshot, Set<JobId> asked, Experience experience, Duration budget) {
        // the same snapshot, the same estimates, if there is time for all of them
        var random = new Random(snapshot.time().millis());
        var futures = new ArrayList<Future>();
        var begin = System.nanoTime();
        while (futures.size() < FUTURES && (futures.size() < FEWEST || System.nanoTime() - begin < budget.toNanos())) {
            var last = System.nanoTime() + budget.toNanos() / FEWEST;
            var future = new Future(snapshot, asked, experience, random);
            future.follow(snapshot.time().plus(HORIZON), () -> System.nanoTime() >= last);
            futures.add(future);
        }
        return futures;
    }

    static Optional<Estimate> estimate(JobId job, List<Map<JobId, Moment>> futures) {
        var starts = new ArrayList<@Nullable Moment>();
        futures.forEach(future -> starts.add(future.get(job)));
        return Estimate.of(starts);
    }
}
