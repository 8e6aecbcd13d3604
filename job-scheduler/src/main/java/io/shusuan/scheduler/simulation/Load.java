package io.shusuan.scheduler.simulation;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Waiting;
import io.shusuan.scheduler.queue.placement.Ask;
import io.shusuan.scheduler.queue.placement.Node;
import io.shusuan.scheduler.queue.placement.NodeSelector;
import io.shusuan.scheduler.queue.placement.Proximity;
import io.shusuan.scheduler.queue.placement.Role;
import io.shusuan.scheduler.queue.placement.Site;
import io.shusuan.scheduler.queue.quota.Cohort;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Preemption;
import io.shusuan.scheduler.queue.quota.QueueRules;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.queue.quota.Reclaim;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * A made-up cluster and those who use it: teams of like quota that submit at different hours and rates, mostly small and short
 * jobs, and now and then a large one. The same seed makes the same days.
 */
final class Load {

    static final int TEAMS = 8;
    private static final int RACK = 16;
    private static final FlavourName FLAVOUR = new FlavourName("gpu");

    /** Of one job: the mean of {@link #size} times the mean run, in minutes. */
    private static final double MEAN_GPU_MINUTES = 4.0 * 60.5;

    private final Random random;
    private final int nodes;
    private long jobs;

    Load(long seed, int nodes) {
        random = new Random(seed);
        this.nodes = nodes;
    }

    /** A job, and how long it runs when nobody evicts it. */
    record Arrival(Waiting job, Duration run) {}

    static QueueName team(int number) {
        return new QueueName("team-" + number);
    }

    long gpus() {
        return nodes * 8L;
    }

    Site site() {
        return new Site(
                List.of("rack"), IntStream.range(0, nodes).mapToObj(Load::node).toList());
    }

    private static Node node(int number) {
        return new Node(
                "node-%05d".formatted(number),
                FLAVOUR,
                Map.of(),
                Set.of(),
                List.of("rack-%04d".formatted(number / RACK)),
                new Resources(128_000, 1_000_000, 8),
                Resources.NONE,
                110,
                0,
                "");
    }

    /** @param evictForShares whether borrowers evict each other until their shares are equal */
    Cohort cohorts(boolean evictForShares) {
        var preemption = new Preemption(true, Reclaim.ANY, evictForShares, Duration.ofMinutes(10));
        var queues = IntStream.range(0, TEAMS)
                .mapToObj(team -> new QueueRules(
                        team(team),
                        QueueState.OPEN,
                        1,
                        List.of(Quota.of(FLAVOUR, Limits.gpus(gpus() / TEAMS))),
                        Limits.ANY,
                        preemption))
                .toList();
        return new Cohort(new CohortName("all"), 1, List.of(), List.of(), queues);
    }

    /** What the teams submit within a minute: each has its busy half of the day, and some are busier than others. */
    List<Arrival> arrivals(Moment now, long minute, double load) {
        return IntStream.range(0, TEAMS)
                .boxed()
                .flatMap(team -> {
                    var hour = (minute / 60.0 + 3.0 * team) % 24;
                    var busy = (hour < 12 ? 1.6 : 0.4) * (0.6 + 0.8 * team / (TEAMS - 1));
                    var mean = load * busy * gpus() / TEAMS / MEAN_GPU_MINUTES;
                    return IntStream.range(0, poisson(mean)).mapToObj(i -> arrival(team, now));
                })
                .toList();
    }

    private int poisson(double mean) {
        var limit = Math.exp(-mean);
        var product = random.nextDouble();
        var count = 0;
        while (product > limit) {
            product *= random.nextDouble();
            count++;
        }
        return count;
    }

    private Arrival arrival(int team, Moment now) {
        var gpus = size();
        var tasks = Math.max(1, gpus / 8);
        var role = new Role("worker", new Resources(8000, 64_000, Math.min(8, gpus)), tasks, NodeSelector.ANY);
        var ask = Ask.of(role).near(tasks > 1 && tasks <= RACK ? Proximity.preferred("rack") : Proximity.ANYWHERE);
        var run = Duration.ofSeconds((long) (-3600 * Math.log(1 - random.nextDouble()) + 30));
        var limit = random.nextInt(3) == 0 ? null : run.multipliedBy(2);
        var id = new JobId(new UUID(0x7000L, 0x8000_0000_0000_0000L | jobs++));
        var priority = 10 * random.nextInt(3);
        return new Arrival(new Waiting(id, team(team), "user", priority, now, ask, limit, null, null), run);
    }

    /** 1 to 64 GPUs, half of the jobs with one; never more than its team owns. */
    private int size() {
        var gpus = 1;
        while (gpus < 64 && random.nextInt(2) == 0) {
            gpus *= 2;
        }
        return Math.min(gpus, (int) gpus() / TEAMS);
    }
}
