package io.shusuan.scheduler.simulation;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.forecast.Arrivals;
import io.shusuan.scheduler.forecast.Calibration;
import io.shusuan.scheduler.forecast.Estimate;
import io.shusuan.scheduler.forecast.Experience;
import io.shusuan.scheduler.forecast.Forecast;
import io.shusuan.scheduler.forecast.Pace;
import io.shusuan.scheduler.forecast.RunTimes;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Rules;
import io.shusuan.scheduler.queue.Runs;
import io.shusuan.scheduler.queue.Waiting;
import io.shusuan.scheduler.queue.World;
import io.shusuan.scheduler.queue.quota.Limits;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Runs a load against a world, minute by minute, and notes what became of it. An evicted job begins anew. */
final class Days {

    /** How fast former use is forgotten: half of it in a day. */
    private static final double KEPT_A_MINUTE = Math.pow(0.5, 1.0 / (24 * 60));

    /** One of so many who wait is asked about, too. */
    private static final int GUESSED_OF = 8;

    /** By so many former estimates the next ones are made wider. */
    private static final int REMEMBERED = 200;

    private record Told(Moment at, Estimate estimate) {}

    /**
     * The state at the end of an hour.
     *
     * @param medianWait how long those who started in that hour had waited
     * @param longWait how long the longest tenth of them had waited at least
     * @param fairness of the teams that somebody waits in, how equal what they have is, all of them owning the same: 1 if they have the same, 1/n if one
     *     of n has all (Jain's index)
     */
    record Hour(
            long hour,
            Map<QueueName, Long> gpus,
            long used,
            int waiting,
            long evicted,
            Duration medianWait,
            Duration longWait,
            double fairness) {}

    private final Load load;
    private final double pressure;
    private final World world;
    private final Map<JobId, Load.Arrival> arrivals = new HashMap<>();
    private final Runs runs = new Runs();

    /** Who has started once: what an evicted job waits after that is told by the number of evictions. */
    private final Set<JobId> seen = new HashSet<>();

    private final Map<QueueName, double[]> recent = new HashMap<>();
    private final Map<QueueName, List<Duration>> waits = new HashMap<>();
    private final List<Duration> waitsOfTheHour = new ArrayList<>();
    private final List<Hour> hours = new ArrayList<>();
    private Moment now = new Moment(0);
    private long evicted;
    private long wasted;
    private final Map<JobId, Told> foreseen = new HashMap<>();
    private final Deque<Double> ratios = new ArrayDeque<>();
    private final Arrivals came = new Arrivals();
    private final List<RunTimes.Run> ended = new ArrayList<>();
    private long foretold;
    private long right;

    /** What some were told by their line alone, as one would be who only asks while very many wait. */
    private final Map<JobId, Told> guessed = new HashMap<>();

    private long roughlyForetold;
    private long roughlyRight;

    Days(Load load, double pressure, boolean evictForShares) {
        this.load = load;
        this.pressure = pressure;
        world = new World(load.site(), load.cohorts(evictForShares), Rules.USUAL, Duration.ofMinutes(1));
    }

    void run(int days) {
        for (var minute = 1L; minute <= days * 24L * 60; minute++) {
            now = now.plus(Duration.ofMinutes(1));
            end();
            var arrived = load.arrivals(now, minute, pressure);
            arrived.forEach(this::submit);
            came.note(arrived.stream().map(Load.Arrival::job).toList(), now);
            world.remember(decayed());
            world.cycle(now).forEach(this::note);
            if (minute % 240 == 0) {
                foresee();
            }
            if (minute % 60 == 0) {
                hours.add(hour(minute / 60));
                waitsOfTheHour.clear();
            }
        }
    }

    private Hour hour(long number) {
        Collections.sort(waitsOfTheHour);
        return new Hour(
                number,
                gpus(),
                used(),
                world.waiting().size(),
                evicted,
                percentile(waitsOfTheHour, 50),
                percentile(waitsOfTheHour, 90),
                fairness());
    }

    /** Nothing if there is none. */
    static Duration percentile(List<Duration> sorted, int percent) {
        return sorted.isEmpty()
                ? Duration.ZERO
                : sorted.get(Math.max(0, (int) Math.ceil(sorted.size() * percent / 100.0) - 1));
    }

    private double fairness() {
        var gpus = gpus();
        return evenness(world.waiting().stream()
                .map(Waiting::queue)
                .distinct()
                .mapToDouble(team -> gpus.getOrDefault(team, 0L))
                .toArray());
    }

    static double evenness(double[] amounts) {
        var sum = Arrays.stream(amounts).sum();
        var squares = Arrays.stream(amounts).map(each -> each * each).sum();
        return squares == 0 ? 1 : sum * sum / (amounts.length * squares);
    }

    /** What each who waits would be told now, if it was not told before; those who come later are not known to it. */
    private void foresee() {
        var experience = new Experience(Set.of(), new RunTimes(ended), came.known(now));
        guess(experience);
        if (world.waiting().stream().allMatch(job -> foreseen.containsKey(job.job()))) {
            return;
        }
        var calibration = new Calibration(ratios);
        Forecast.of(world.snapshot(now), experience, Duration.ofDays(1))
                .estimates()
                .forEach((job, estimate) -> foreseen.putIfAbsent(job, new Told(now, calibration.apply(estimate, now))));
    }

    private void guess(Experience experience) {
        var snapshot = world.snapshot(now);
        for (var job : snapshot.waiting()) {
            var number = job.job().value().getLeastSignificantBits();
            if (number % GUESSED_OF == 0 && !guessed.containsKey(job.job())) {
                Pace.of(job, snapshot, experience)
                        .ifPresent(estimate -> guessed.put(job.job(), new Told(now, estimate)));
            }
        }
    }

    private void submit(Load.Arrival arrival) {
        arrivals.put(arrival.job().job(), arrival);
        world.submit(arrival.job());
    }

    private void end() {
        for (var job : runs.ended(now)) {
            world.end(job);
            var arrival = Objects.requireNonNull(arrivals.remove(job));
            ended.add(new RunTimes.Run(arrival.job().queue(), arrival.job().user(), arrival.run()));
        }
    }

    private void note(Decision decision) {
        switch (decision) {
            case Decision.Admit admit -> {
                var arrival = Objects.requireNonNull(arrivals.get(admit.job()));
                runs.begins(admit.job(), now, now.plus(arrival.run()));
                if (seen.add(admit.job())) {
                    var waited = now.since(arrival.job().submitted());
                    waitsOfTheHour.add(waited);
                    waits.computeIfAbsent(arrival.job().queue(), queue -> new ArrayList<>())
                            .add(waited);
                    judge(foreseen.get(admit.job()));
                    judgeGuess(guessed.get(admit.job()));
                }
            }
            case Decision.Preempt preempt ->
                preempt.victims().forEach(victim -> {
                    evicted++;
                    wasted += victim.waste();
                    runs.leaves(victim.job());
                });
            case Decision.Evict _, Decision.Grow _ -> runs.leaves(decision.job());
            case Decision.Wait wait -> {}
        }
    }

    private void judgeGuess(@Nullable Told guess) {
        if (guess != null && guess.estimate.expected() != null) {
            roughlyForetold++;
            if (guess.estimate.holds(now)) {
                roughlyRight++;
            }
        }
    }

    private void judge(@Nullable Told estimate) {
        if (estimate != null) {
            foretold++;
            if (estimate.estimate.holds(now)) {
                right++;
            }
            var expected = estimate.estimate.expected();
            if (expected != null) {
                ratios.addLast(Calibration.ratio(expected.since(estimate.at), now.since(estimate.at)));
                if (ratios.size() > REMEMBERED) {
                    ratios.removeFirst();
                }
            }
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

    /** To how many it was said while they waited when they would start. */
    long foretold() {
        return foretold;
    }

    /** Of them, how many started then. */
    long right() {
        return right;
    }

    /** How many of those who were told roughly have started. */
    long roughlyForetold() {
        return roughlyForetold;
    }

    long roughlyRight() {
        return roughlyRight;
    }

    List<Waiting> stillWaiting() {
        return List.copyOf(world.waiting());
    }
}
