package io.shusuan.scheduler.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.queue.Decision.Preempt;
import io.shusuan.scheduler.queue.placement.Placement;
import io.shusuan.scheduler.queue.placement.Placement.Spot;
import io.shusuan.scheduler.queue.placement.Site;
import io.shusuan.scheduler.queue.quota.Cohort;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Preemption;
import io.shusuan.scheduler.queue.quota.QueueRules;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.queue.quota.Reclaim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Small cases against trying out everything. */
class OracleTest {

    private static final Preemption BY_PRIORITY = new Preemption(true, Reclaim.NONE, false, Duration.ZERO);

    /** Victims are found exactly when there are any, none is needless, and the waste stays near the least there is. */
    @Test
    void victimsAgainstAllSubsets() {
        var waste = new LongAdder();
        var leastOfAll = new LongAdder();
        Seeds.forAll(1500, 9, (random, size) -> {
            var site = Worlds.site(1 + random.nextInt(3), 4);
            var running = randomTenants(random, site, size);
            var quota = 2 + random.nextInt(12);
            var job = Worlds.job(9999, 0, 5, Worlds.START, Worlds.gpus(1 + random.nextInt(3), 1 + random.nextInt(4)));
            var cohort = Worlds.cohort(Worlds.queue(0, quota, BY_PRIORITY));
            var snapshot = new Snapshot(Worlds.START, site, cohort, Map.of(), running, List.of(job), Rules.USUAL);
            var decision = new FairPolicy().decide(snapshot).getFirst();
            var least = leastWaste(site, running, job, quota);
            if (least == null) {
                assertThat(decision).isInstanceOf(Decision.Wait.class);
            } else if (least > 0) {
                assertThat(decision).isInstanceOf(Preempt.class);
                var found = ((Preempt) decision).waste();
                assertThat(found).isGreaterThanOrEqualTo(least);
                waste.add(found);
                leastOfAll.add(least);
                noneIsNeedless(site, running, job, quota, (Preempt) decision);
            }
        });
        assertThat(leastOfAll.sum()).isPositive();
        assertThat(waste.doubleValue() / leastOfAll.sum())
                .as("waste, against the least there is")
                .isLessThan(1.1);
    }

    private static List<Running> randomTenants(Random random, Site site, int most) {
        var running = new ArrayList<Running>();
        for (var i = 0; i < most; i++) {
            var spots = new ArrayList<Spot>();
            for (var node = 0; node < site.size(); node++) {
                if (random.nextInt(2) == 0) {
                    var name = site.node(node).name();
                    var each = Worlds.gpus(1, 1 + random.nextInt(3))
                            .roles()
                            .getFirst()
                            .perTask();
                    spots.add(new Spot("main", each, Worlds.FAST, name, 1));
                }
            }
            var started = new Moment(Worlds.START.millis() - 1000L * (1 + random.nextInt(100)));
            var job = new Running(
                    Worlds.id(i),
                    Worlds.name(0),
                    "user",
                    random.nextInt(8),
                    started,
                    started,
                    Ending.UNKNOWN,
                    true,
                    null,
                    new Placement(spots));
            running.add(job);
            if (Audit.free(site, running).values().stream()
                    .anyMatch(free -> free.resources().gpus() < 0)) {
                running.removeLast();
            }
        }
        return running;
    }

    /** Of all subsets of those who may be evicted; null, if not even all of them are enough. */
    private static @Nullable Long leastWaste(Site site, List<Running> running, Waiting job, int quota) {
        var evictable = running.stream()
                .filter(each -> each.priority() < job.priority())
                .toList();
        Long least = null;
        for (var subset = 0; subset < 1 << evictable.size(); subset++) {
            var chosen = subset;
            var victims = IntStream.range(0, evictable.size())
                    .filter(i -> (chosen >> i & 1) == 1)
                    .mapToObj(evictable::get)
                    .toList();
            var cost = victims.stream().mapToLong(OracleTest::waste).sum();
            if ((least == null || cost < least) && fits(site, running, victims, job, quota)) {
                least = cost;
            }
        }
        return least;
    }

    private static long waste(Running job) {
        return job.placement().gpus() * job.lostAt(Worlds.START).toMillis();
    }

    private static boolean fits(Site site, List<Running> running, List<Running> victims, Waiting job, int quota) {
        var left = running.stream().filter(each -> !victims.contains(each)).toList();
        var role = job.ask().roles().getFirst();
        var used = left.stream().mapToLong(each -> each.placement().gpus()).sum();
        var places = Audit.free(site, left).values().stream()
                .mapToInt(free -> free.places(role.perTask()))
                .sum();
        return used + (long) role.perTask().gpus() * role.tasks() <= quota && places >= role.tasks();
    }

    private static void noneIsNeedless(Site site, List<Running> running, Waiting job, int quota, Preempt preempt) {
        var victims = running.stream()
                .filter(each -> preempt.victims().stream()
                        .anyMatch(victim -> victim.job().equals(each.job())))
                .toList();
        assertThat(fits(site, running, victims, job, quota)).isTrue();
        for (var spared : victims) {
            var others = victims.stream().filter(each -> !each.equals(spared)).toList();
            assertThat(fits(site, running, others, job, quota)).isFalse();
        }
    }

    /** One-GPU jobs without end: the shares of those that borrow are as equal as whole jobs can make them. */
    @Test
    void fairSharesAgainstAllDivisions() {
        Seeds.forAll(300, 10, (random, size) -> {
            var shared = 1 + random.nextInt(size);
            var weights = IntStream.range(0, 2 + random.nextInt(2))
                    .map(i -> 1 + random.nextInt(4))
                    .toArray();
            var queues = IntStream.range(0, weights.length)
                    .mapToObj(i -> new QueueRules(
                            Worlds.name(i), QueueState.OPEN, weights[i], List.of(), Limits.ANY, Preemption.NONE))
                    .map(queue -> new QueueRules(
                            queue.name(),
                            queue.state(),
                            queue.weight(),
                            List.of(Quota.of(Worlds.FAST, new Limits(Limits.UNLIMITED, Limits.UNLIMITED, 0))),
                            queue.perUser(),
                            queue.preemption()))
                    .toList();
            var pool = Quota.of(Worlds.FAST, Limits.gpus(shared));
            var cohorts = new Cohort(new CohortName("all"), 1, List.of(pool), List.of(), queues);
            var world = new World(Worlds.site(1 + shared / 8, 8), cohorts, Rules.USUAL, Duration.ZERO);
            for (var i = 0; i < shared * weights.length; i++) {
                world.submit(Worlds.job(i, i % weights.length, 0, Worlds.START, Worlds.gpus(1, 1)));
            }
            world.cycle(Worlds.START);
            var given = IntStream.range(0, weights.length)
                    .map(queue -> (int) world.running().stream()
                            .filter(job -> job.queue().equals(Worlds.name(queue)))
                            .count())
                    .toArray();
            assertThat(fairDivisions(shared, weights))
                    .contains(IntStream.of(given).boxed().toList());
        });
    }

    /** All divisions of the whole in which nobody has more for its weight than another one would have with one job more. */
    private static List<List<Integer>> fairDivisions(int shared, int[] weights) {
        return divisions(shared, weights.length).stream()
                .filter(division -> {
                    for (var one = 0; one < weights.length; one++) {
                        for (var other = 0; other < weights.length; other++) {
                            if (division.get(one) / (double) weights[one]
                                    > (division.get(other) + 1.0) / weights[other] + 1e-9) {
                                return false;
                            }
                        }
                    }
                    return true;
                })
                .toList();
    }

    private static List<List<Integer>> divisions(int whole, int parts) {
        if (parts == 1) {
            return List.of(List.of(whole));
        }
        var all = new ArrayList<List<Integer>>();
        for (var first = 0; first <= whole; first++) {
            for (var rest : divisions(whole - first, parts - 1)) {
                var division = new ArrayList<Integer>(List.of(first));
                division.addAll(rest);
                all.add(division);
            }
        }
        return all;
    }
}
