package io.shusuan.scheduler.forecast;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Rules;
import io.shusuan.scheduler.queue.Running;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.queue.Waiting;
import io.shusuan.scheduler.queue.quota.Cohort;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.QueueRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Roughly when jobs will start that are far behind in a long line: by their queue alone, as if that kept an amount between what it owns and what it holds, and those who
 * wait began strictly one after the other. Only GPUs are counted, or cores for jobs without.
 */
public final class Pace {

    private static final Duration BUDGET = Duration.ofMillis(300);

    /** It may take so many times as long as expected, or this part of it (DESIGN.md says how often that was right). */
    private static final int ROUGHLY = 3;

    private record End(Moment at, long amount) {}

    private final QueueName queue;
    private final Set<JobId> asked;
    private final Waiting last;
    private final Moment begin;
    private final Experience experience;
    private final ToLongFunction<Resources> scarce;
    private final Comparator<Waiting> order;
    private final List<Running> running;
    private final List<Waiting> line;
    private final Arrivals.Known arrivals;
    private final long held;
    private final long owned;

    private Pace(List<Waiting> some, Snapshot snapshot, Experience experience) {
        this.experience = experience;
        begin = snapshot.time();
        queue = some.getFirst().queue();
        boolean onGpus = asksForGpus(some.getFirst());
        scarce = onGpus ? Resources::gpus : Resources::milliCpus;
        order = order(snapshot.rules());
        asked = some.stream().map(Waiting::job).collect(Collectors.toUnmodifiableSet());
        running = snapshot.running().stream()
                .filter(job -> job.queue().equals(queue) && job.departure() == null)
                .toList();
        held = running.stream().mapToLong(this::amount).sum();
        owned = owned(snapshot, onGpus ? Limits::gpus : Limits::milliCpus);
        last = some.stream().filter(job -> amount(job) <= room()).max(order).orElse(some.getFirst());
        line = snapshot.waiting().stream()
                .filter(job -> job.queue().equals(queue) && job.hold() == null && isInLine(job))
                .toList();
        var past = experience.arrivals().past().stream()
                .filter(job -> job.queue().equals(queue))
                .toList();
        arrivals = new Arrivals.Known(past, experience.arrivals().period());
    }

    /** Nothing, if it asks for more than its queue owns or holds, or nobody knows how long others run. */
    public static Optional<Estimate> of(Waiting asked, Snapshot snapshot, Experience experience) {
        return Optional.ofNullable(
                of(List.of(asked), snapshot, experience).estimates().get(asked.job()));
    }

    /**
     * What can be told of some who wait.
     *
     * @param room how much their queue has at most of what is counted
     */
    record Told(Map<JobId, Estimate> estimates, long room) {}

    /** @param some of one queue, either all with GPUs or all without */
    static Told of(List<Waiting> some, Snapshot snapshot, Experience experience) {
        var pace = new Pace(some, snapshot, experience);
        return new Told(pace.estimates(), pace.room());
    }

    static boolean asksForGpus(Waiting job) {
        return job.ask().roles().stream().anyMatch(role -> role.perTask().gpus() > 0);
    }

    /** Of a line. */
    static Comparator<Waiting> order(Rules rules) {
        return Comparator.<Waiting>comparingLong(job -> job.rank(rules))
                .thenComparing(Waiting::submitted)
                .thenComparing(Waiting::job);
    }

    private long owned(Snapshot snapshot, ToLongFunction<Limits> limit) {
        return queues(snapshot.cohorts())
                .filter(each -> each.name().equals(queue))
                .flatMap(each -> each.quotas().stream())
                .mapToLong(quota -> limit.applyAsLong(quota.nominal()))
                .filter(amount -> amount != Limits.UNLIMITED)
                .sum();
    }

    private long room() {
        return Math.max(held, owned);
    }

    private static Stream<QueueRules> queues(Cohort cohort) {
        return Stream.concat(cohort.queues().stream(), cohort.cohorts().stream().flatMap(Pace::queues));
    }

    /** Whoever asks for more than the queue will ever have is passed over there, and keeps nobody waiting. */
    private boolean isInLine(Waiting job) {
        return order.compare(job, last) <= 0 && amount(job) <= room();
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

    private Map<JobId, Estimate> estimates() {
        var random = new Random(begin.millis());
        var courses = new ArrayList<Map<JobId, Moment>>();
        var first = System.nanoTime();
        while (courses.size() < Forecast.FUTURES
                && (courses.size() < Forecast.FEWEST || System.nanoTime() - first < BUDGET.toNanos())) {
            courses.add(new Course(random).starts());
        }
        var estimates = new HashMap<JobId, Estimate>();
        for (var job : asked) {
            Forecast.estimate(job, courses).ifPresent(estimate -> estimates.put(job, wider(estimate)));
        }
        return estimates;
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
        private final PriorityQueue<Waiting> waiting = new PriorityQueue<>(order);
        private final Coming coming;
        private final long size;
        private long free;

        Course(Random random) {
            coming = new Coming(arrivals, begin, random);
            lengths = new Lengths(experience.runTimes(), random);
            size = owned == 0 ? held : random.nextLong(Math.min(held, owned), room() + 1);
            free = size;
            waiting.addAll(line);
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

        /** Of those asked about, until all have begun or nothing more is told. */
        Map<JobId, Moment> starts() {
            var starts = new HashMap<JobId, Moment>();
            var horizon = begin.plus(Forecast.HORIZON);
            for (var now = begin; now != null && now.compareTo(horizon) < 0; now = next()) {
                end(now);
                submit(now);
                for (var job = waiting.peek();
                        job != null && Math.min(size, amount(job)) <= free;
                        job = waiting.peek()) {
                    waiting.remove();
                    takes(amount(job), now, experience.services().contains(job.job()) ? null : lengths.whole(job));
                    if (asked.contains(job.job())) {
                        starts.put(job.job(), now);
                    }
                    if (job.equals(last)) {
                        return starts;
                    }
                }
            }
            return starts;
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
                if (isInLine(job)) {
                    waiting.add(job);
                }
            });
        }
    }
}
