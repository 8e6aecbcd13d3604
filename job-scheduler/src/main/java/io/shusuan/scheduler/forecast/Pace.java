package io.shusuan.scheduler.forecast;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Running;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.queue.Waiting;
import io.shusuan.scheduler.queue.quota.Cohort;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.QueueRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Roughly when a job will start that is far behind in a long line: by its queue alone, as if that kept an amount between what it owns and what it holds, and those who
 * wait began strictly one after the other. Only GPUs are counted, or cores for a job without.
 */
public final class Pace {

    private static final Duration BUDGET = Duration.ofMillis(300);

    /** It may take so many times as long as expected, or this part of it (DESIGN.md says how often that was right). */
    private static final int ROUGHLY = 3;

    private record End(Moment at, long amount) {}

    private final Waiting asked;
    private final Moment begin;
    private final Experience experience;
    private final ToLongFunction<Resources> scarce;
    private final Comparator<Waiting> order;
    private final List<Running> running;
    private final List<Waiting> ahead;
    private final Arrivals.Known arrivals;
    private final long held;
    private final long owned;

    private Pace(Waiting asked, Snapshot snapshot, Experience experience) {
        this.asked = asked;
        this.experience = experience;
        begin = snapshot.time();
        boolean onGpus =
                asked.ask().roles().stream().anyMatch(role -> role.perTask().gpus() > 0);
        scarce = onGpus ? Resources::gpus : Resources::milliCpus;
        order = Comparator.<Waiting>comparingLong(job -> job.rank(snapshot.rules()))
                .thenComparing(Waiting::submitted)
                .thenComparing(Waiting::job);
        running = snapshot.running().stream()
                .filter(job -> job.queue().equals(asked.queue()) && job.departure() == null)
                .toList();
        held = running.stream().mapToLong(this::amount).sum();
        owned = owned(snapshot, onGpus ? Limits::gpus : Limits::milliCpus);
        ahead = snapshot.waiting().stream()
                .filter(job -> job.queue().equals(asked.queue()) && job.hold() == null && isAhead(job))
                .toList();
        var past = experience.arrivals().past().stream()
                .filter(job -> job.queue().equals(asked.queue()))
                .toList();
        arrivals = new Arrivals.Known(past, experience.arrivals().period());
    }

    /** Nothing, if it asks for more than its queue owns or holds, or nobody knows how long others run. */
    public static Optional<Estimate> of(Waiting asked, Snapshot snapshot, Experience experience) {
        return new Pace(asked, snapshot, experience).estimate();
    }

    private long owned(Snapshot snapshot, ToLongFunction<Limits> limit) {
        return queues(snapshot.cohorts())
                .filter(queue -> queue.name().equals(asked.queue()))
                .flatMap(queue -> queue.quotas().stream())
                .mapToLong(quota -> limit.applyAsLong(quota.nominal()))
                .filter(amount -> amount != Limits.UNLIMITED)
                .sum();
    }

    private static Stream<QueueRules> queues(Cohort cohort) {
        return Stream.concat(cohort.queues().stream(), cohort.cohorts().stream().flatMap(Pace::queues));
    }

    /** Whoever asks for more than the queue will ever have is passed over there, and keeps nobody waiting. */
    private boolean isAhead(Waiting job) {
        return order.compare(job, asked) < 0 && amount(job) <= Math.max(held, owned);
    }

    private long amount(Waiting job) {
        var amount = 0L;
        for (var role : job.ask().roles()) {
            amount += scarce.applyAsLong(role.perTask()) * role.minimum();
        }
        return amount;
    }

    private long amount(Running job) {
        var amount = 0L;
        for (var spot : job.placement().spots()) {
            amount += scarce.applyAsLong(spot.perTask()) * spot.tasks();
        }
        return amount;
    }

    private Optional<Estimate> estimate() {
        if (amount(asked) > Math.max(held, owned)) {
            return Optional.empty();
        }
        var random = new Random(begin.millis());
        var starts = new ArrayList<@Nullable Moment>();
        var first = System.nanoTime();
        while (starts.size() < Forecast.FUTURES
                && (starts.size() < Forecast.FEWEST || System.nanoTime() - first < BUDGET.toNanos())) {
            starts.add(new Course(random).start());
        }
        return Estimate.of(starts).map(this::wider);
    }

    private Estimate wider(Estimate line) {
        var expected = line.expected();
        if (expected == null) {
            return new Estimate(line.earliest(), null, null);
        }
        var latest = line.latest();
        var wait = expected.since(begin);
        var soonest = begin.plus(wait.dividedBy(ROUGHLY));
        var last = begin.plus(wait.multipliedBy(ROUGHLY));
        return new Estimate(
                soonest.compareTo(line.earliest()) < 0 ? soonest : line.earliest(),
                expected,
                latest == null || latest.compareTo(last) > 0 ? latest : last);
    }

    /** One possible course of the line. */
    private final class Course {

        private final Lengths lengths;
        private final PriorityQueue<End> ends = new PriorityQueue<>(Comparator.comparing(End::at));
        private final PriorityQueue<Waiting> line = new PriorityQueue<>(order);
        private final Coming coming;
        private final long size;
        private long free;

        Course(Random random) {
            coming = new Coming(arrivals, begin, random);
            lengths = new Lengths(experience.runTimes(), random);
            var lasting = owned == 0 ? held : random.nextLong(Math.min(held, owned), Math.max(held, owned) + 1);
            size = Math.max(lasting, amount(asked));
            free = size;
            line.addAll(ahead);
            line.add(asked);
            for (var job : running) {
                var from = begin.compareTo(job.started()) < 0 ? job.started() : begin;
                takes(amount(job), from, lengths.rest(job, from.since(job.started())));
            }
        }

        private void takes(long amount, Moment from, @Nullable Duration rest) {
            free -= amount;
            if (rest != null) {
                ends.add(new End(from.plus(rest), amount));
            }
        }

        @Nullable
        Moment start() {
            var last = begin.plus(Forecast.HORIZON);
            for (var now = begin; now != null && now.compareTo(last) < 0; now = next()) {
                end(now);
                submit(now);
                for (var job = line.element(); Math.min(size, amount(job)) <= free; job = line.element()) {
                    if (job.equals(asked)) {
                        return now;
                    }
                    line.remove();
                    takes(amount(job), now, experience.services().contains(job.job()) ? null : lengths.whole(job));
                }
            }
            return null;
        }

        private @Nullable Moment next() {
            var end = ends.peek();
            return end == null ? null : end.at;
        }

        private void end(Moment now) {
            for (var end = ends.peek(); end != null && end.at.compareTo(now) <= 0; end = ends.peek()) {
                free += end.amount;
                ends.remove();
            }
        }

        /** Whoever comes meanwhile with a higher priority may be before it. */
        private void submit(Moment now) {
            coming.until(now, job -> {
                if (isAhead(job)) {
                    line.add(job);
                }
            });
        }
    }
}
