package io.shusuan.scheduler.forecast;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.Ending;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Running;
import io.shusuan.scheduler.queue.Runs;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.queue.World;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One possible course of events: each running job ends when it may, and the queue decides anew each time. */
final class Future {

    private static final Duration GRACE = Duration.ofSeconds(30);

    /** Ends so near to each other are one step; those further ahead are told less exactly, by this part of what is between. */
    private static final Duration STEP = Duration.ofSeconds(5);

    private static final int STEP_PART = 50;

    private final Set<JobId> endless;
    private final Lengths lengths;
    private final Coming coming;
    private final Moment begin;
    private final World world;
    private final Set<JobId> asked;
    private final Map<JobId, Duration> known = new HashMap<>();
    private final Runs runs = new Runs();
    private final Map<JobId, Moment> starts = new HashMap<>();

    /** When who has to leave now will have left. */
    private @Nullable Moment left;

    private boolean cut;

    /** @param asked of those who wait, whose starts are looked for */
    Future(Snapshot snapshot, Set<JobId> asked, Experience experience, Random random) {
        endless = new HashSet<>(experience.services());
        lengths = new Lengths(experience.runTimes(), random);
        this.asked = asked;
        begin = snapshot.time();
        coming = new Coming(experience.arrivals(), begin, random);
        world = World.goingOnFrom(snapshot, GRACE);
        for (var job : snapshot.running()) {
            if (job.ending() instanceof Ending.Never) {
                endless.add(job.job());
            }
            if (job.departure() == null) {
                runs(job);
            } else {
                left = begin.plus(GRACE);
            }
        }
    }

    private void runs(Running job) {
        var now = job.started().compareTo(begin) < 0 ? begin : job.started();
        var already = now.since(job.started());
        var length = known.computeIfAbsent(job.job(), id -> length(job, already));
        runs.begins(job.job(), job.started(), length == null ? null : now.plus(length.minus(already)));
    }

    /** Of one run, and of each further one, if it is evicted. */
    private @Nullable Duration length(Running job, Duration already) {
        var rest = lengths.rest(job, already);
        return rest == null ? null : already.plus(rest);
    }

    /** Until all who were asked about have started, or that moment is reached, or there has been enough of it. */
    void follow(Moment last, BooleanSupplier enough) {
        for (Moment now = begin; now != null && now.compareTo(last) < 0; now = next()) {
            step(now);
            if (starts.size() == asked.size()) {
                return;
            }
            if (enough.getAsBoolean()) {
                cut = true;
                return;
            }
        }
    }

    /** Who starts when, as far as it was followed. */
    Map<JobId, Moment> starts() {
        return starts;
    }

    /** Whether there was enough of it before all had started. */
    boolean wasCut() {
        return cut;
    }

    private @Nullable Moment next() {
        var next = earlier(runs.next(), left);
        if (next == null) {
            return null; // whoever else may come only takes what is free
        }
        var part = next.since(begin).dividedBy(STEP_PART);
        return next.plus(part.compareTo(STEP) < 0 ? STEP : part);
    }

    private static @Nullable Moment earlier(@Nullable Moment one, @Nullable Moment other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.compareTo(other) < 0 ? one : other;
    }

    private void step(Moment now) {
        runs.ended(now).forEach(world::end);
        if (left != null && left.compareTo(now) <= 0) {
            left = null;
        }
        coming.until(now, world::submit);
        for (var decision : world.cycle(now)) {
            switch (decision) {
                case Decision.Admit admit -> begins(admit, now);
                case Decision.Preempt preempt -> preempt.victims().forEach(victim -> leaves(victim.job(), now));
                case Decision.Evict _, Decision.Grow _ -> leaves(decision.job(), now);
                case Decision.Wait wait -> {}
            }
        }
    }

    private void begins(Decision.Admit admit, Moment now) {
        if (asked.contains(admit.job())) {
            starts.putIfAbsent(admit.job(), now);
        }
        if (!endless.contains(admit.job())) {
            runs(world.submission(admit.job()).runningAt(admit.placement(), now));
        }
    }

    private void leaves(JobId job, Moment now) {
        runs.leaves(job);
        left = now.plus(GRACE);
    }
}
