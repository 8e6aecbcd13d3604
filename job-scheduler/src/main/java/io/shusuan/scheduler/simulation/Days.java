package io.shusuan.scheduler.simulation;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Rules;
import io.shusuan.scheduler.queue.Waiting;
import io.shusuan.scheduler.queue.quota.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;

/** Runs a load against a world, minute by minute, and notes what became of it. An evicted job begins anew. */
final class Days {

    /** How fast former use is forgotten: half of it in a day. */
    private static final double KEPT_A_MINUTE = Math.pow(0.5, 1.0 / (24 * 60));

    private record End(Moment at, JobId job, Moment started) {}

    /** The state at the end of an hour. */
    record Hour(long hour, Map<QueueName, Long> gpus, long used, int waiting, long evicted) {}

    private final Load load;
    private final double pressure;
    private final World world;
    private final Map<JobId, Load.Arrival> arrivals = new HashMap<>();
    private final Map<JobId, Moment> started = new HashMap<>();

    /** Who has started once: what an evicted job waits after that is told by the number of evictions. */
    private final Set<JobId> seen = new HashSet<>();

    private final PriorityQueue<End> ends = new PriorityQueue<>(
            (one, other) -> one.at.equals(other.at) ? one.job.compareTo(other.job) : one.at.compareTo(other.at));
    private final Map<QueueName, double[]> recent = new HashMap<>();
    private final Map<QueueName, List<Duration>> waits = new HashMap<>();
    private final List<Hour> hours = new ArrayList<>();
    private Moment now = new Moment(0);
    private long evicted;
    private long wasted;

    Days(Load load, double pressure, boolean evictForShares) {
        this.load = load;
        this.pressure = pressure;
        world = new World(load.site(), load.cohorts(evictForShares), Rules.USUAL, Duration.ofMinutes(1));
    }

    void run(int days) {
        for (var minute = 1L; minute <= days * 24L * 60; minute++) {
            now = now.plus(Duration.ofMinutes(1));
            end();
            load.arrivals(now, minute, pressure).forEach(this::submit);
            world.remember(decayed());
            world.cycle(now).forEach(this::note);
            if (minute % 60 == 0) {
                hours.add(new Hour(minute / 60, gpus(), used(), world.waiting().size(), evicted));
            }
        }
    }

    private void submit(Load.Arrival arrival) {
        arrivals.put(arrival.job().job(), arrival);
        world.submit(arrival.job());
    }

    private void end() {
        for (var next = ends.peek(); next != null && next.at.compareTo(now) <= 0; next = ends.peek()) {
            ends.remove(next);
            // One that was evicted meanwhile has started anew, or waits.
            if (next.started.equals(started.get(next.job))) {
                world.end(next.job);
                arrivals.remove(next.job);
                started.remove(next.job);
            }
        }
    }

    private void note(Decision decision) {
        switch (decision) {
            case Decision.Admit admit -> {
                var arrival = Objects.requireNonNull(arrivals.get(admit.job()));
                started.put(admit.job(), now);
                ends.add(new End(now.plus(arrival.run()), admit.job(), now));
                if (seen.add(admit.job())) {
                    waits.computeIfAbsent(arrival.job().queue(), queue -> new ArrayList<>())
                            .add(now.since(arrival.job().submitted()));
                }
            }
            case Decision.Preempt preempt ->
                preempt.victims().forEach(victim -> {
                    evicted++;
                    wasted += victim.waste();
                    started.remove(victim.job());
                });
            case Decision.Evict evict -> started.remove(evict.job());
            case Decision.Wait wait -> {}
        }
    }

    private Map<QueueName, Limits> decayed() {
        var gpus = gpus();
        var limits = new HashMap<QueueName, Limits>();
        for (var team = 0; team < Load.TEAMS; team++) {
            var average = recent.computeIfAbsent(Load.team(team), queue -> new double[1]);
            average[0] = average[0] * KEPT_A_MINUTE + gpus.getOrDefault(Load.team(team), 0L) * (1 - KEPT_A_MINUTE);
            limits.put(Load.team(team), new Limits(0, 0, Math.round(average[0])));
        }
        return limits;
    }

    private Map<QueueName, Long> gpus() {
        var gpus = new HashMap<QueueName, Long>();
        world.running().forEach(job -> gpus.merge(job.queue(), job.placement().gpus(), Long::sum));
        return gpus;
    }

    private long used() {
        return gpus().values().stream().mapToLong(each -> each).sum();
    }

    List<Hour> hours() {
        return hours;
    }

    List<Duration> waits(QueueName queue) {
        return waits.getOrDefault(queue, List.of()).stream().sorted().toList();
    }

    long evicted() {
        return evicted;
    }

    /** The GPU-hours that evicted jobs have to run again. */
    long wastedGpuHours() {
        return wasted / Duration.ofHours(1).toMillis();
    }

    List<Waiting> stillWaiting() {
        return List.copyOf(world.waiting());
    }
}
