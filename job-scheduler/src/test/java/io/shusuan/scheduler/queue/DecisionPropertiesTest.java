package io.shusuan.scheduler.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.queue.Decision.Admit;
import io.shusuan.scheduler.queue.Decision.Preempt;
import io.shusuan.scheduler.queue.Decision.Wait;
import io.shusuan.scheduler.queue.placement.Role;
import io.shusuan.scheduler.queue.placement.Site;
import io.shusuan.scheduler.queue.quota.FlavourName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What holds in every world, whatever happens in whatever order. */
class DecisionPropertiesTest {

    @Test
    void nobodyGetsMoreThanThereIsAndEveryReasonIsTrue() {
        Seeds.forAll(300, 16, (random, size) -> {
            var queues = new int[1];
            var cohorts = Worlds.randomTree(random, 3, queues);
            var site = Worlds.randomSite(random, size);
            var grace = Duration.ofSeconds(random.nextInt(3) * 20L);
            var world = new World(site, cohorts, new Rules(Duration.ofMinutes(1), random.nextInt(4), 20), grace);
            var now = Worlds.START;
            for (var cycle = 0; cycle < 3 * size; cycle++) {
                now = now.plus(Duration.ofSeconds(1 + random.nextInt(60)));
                something(random, world, cycle, queues[0], now);
                world.depart(now);
                var before = world.snapshot(now);
                var all = new FairPolicy().decide(before);
                var decisions = growthIsRight(world, before, all);
                oneEach(before, decisions);
                if (cycle % 8 == 0) {
                    sameWhateverTheOrder(random, before, all); // decides twice more
                }
                admissionsAreRight(before, decisions);
                victimsAreNeededAndMayBeEvicted(before, decisions);
                world.apply(all, now);
                Audit.quotasHold(cohorts, world.running());
                Audit.nodesHold(site, world.running());
                reasonsAreTrue(world, before, decisions);
            }
        });
    }

    /** Who runs on a node that is away keeps its place there: it is given to nobody else, should the node come back. */
    @Test
    void nodesThatComeAndGoHarmNobody() {
        var away = new AtomicInteger();
        Seeds.forAll(100, 12, (random, size) -> {
            var queues = new int[1];
            var cohorts = Worlds.randomTree(random, 2, queues);
            var all = Worlds.randomSite(random, size);
            var world = new World(all, cohorts, Rules.USUAL, Duration.ZERO);
            var now = Worlds.START;
            for (var cycle = 0; cycle < 3 * size; cycle++) {
                now = now.plus(Duration.ofSeconds(1 + random.nextInt(60)));
                something(random, world, cycle, queues[0], now);
                world.moveTo(someOf(all, random));
                world.depart(now);
                var before = world.snapshot(now);
                var decisions = new FairPolicy().decide(before);
                var ofThoseWhoWait = growthIsRight(world, before, decisions);
                admissionsAreRight(before, ofThoseWhoWait);
                victimsAreNeededAndMayBeEvicted(before, ofThoseWhoWait);
                world.apply(decisions, now);
                Audit.quotasHold(cohorts, world.running());
                Audit.nodesHold(all, world.running());
                reasonsAreTrue(world, before, ofThoseWhoWait);
                away.addAndGet((int) world.running().stream()
                        .flatMap(job -> job.placement().nodes().stream())
                        .filter(node -> world.site().number(node) < 0)
                        .count());
            }
        });
        assertThat(away).hasPositiveValue();
    }

    private static Site someOf(Site all, Random random) {
        return new Site(
                all.levels(),
                IntStream.range(0, all.size())
                        .filter(node -> random.nextInt(3) > 0)
                        .mapToObj(all::node)
                        .toList());
    }

    /** Half of those who run, and all who wait, go away; then nothing comes any more. */
    @Test
    void whoGrowsGetsMoreWithinQuotaAndNodesAndThatEnds() {
        var grown = new AtomicInteger();
        Seeds.forAll(60, 16, (random, size) -> {
            var queues = new int[1];
            var cohorts = Worlds.randomTree(random, 3, queues);
            var site = Worlds.randomSite(random, size);
            var world = new World(site, cohorts, Rules.USUAL, Duration.ZERO);
            var now = Worlds.START;
            for (var cycle = 0; cycle < size; cycle++) {
                world.submit(Worlds.randomJob(random, 100 * cycle + 3, queues[0], now));
                world.submit(Worlds.randomJob(random, 100 * cycle + 1, queues[0], now));
                world.cycle(now);
            }
            List.copyOf(world.waiting()).forEach(job -> world.end(job.job()));
            List.copyOf(world.running()).stream()
                    .filter(job -> random.nextBoolean())
                    .forEach(job -> world.end(job.job()));
            for (var cycle = 0; cycle < 4 * size; cycle++) {
                now = now.plus(Growth.REST);
                world.depart(now);
                var before = world.snapshot(now);
                var decisions = new FairPolicy().decide(before);
                grown.addAndGet(decisions.size()
                        - growthIsRight(world, before, decisions).size());
                world.apply(decisions, now);
                Audit.quotasHold(cohorts, world.running());
                Audit.nodesHold(site, world.running());
            }
            assertThat(world.cycle(now.plus(Growth.REST))).isEmpty();
        });
        assertThat(grown).hasPositiveValue();
    }

    private static void something(Random random, World world, int cycle, int queues, Moment now) {
        for (var i = random.nextInt(5); i > 0; i--) {
            world.submit(Worlds.randomJob(random, 100 * cycle + i, queues, now));
        }
        var running = new ArrayList<>(world.running());
        Collections.shuffle(running, random);
        running.stream().limit(random.nextInt(3)).forEach(job -> world.end(job.job()));
    }

    /** Who grows leaves alone, while nobody else leaves, and would at once be admitted with as many tasks as was said. The decisions about those who wait. */
    private static List<Decision> growthIsRight(World world, Snapshot snapshot, List<Decision> decisions) {
        if (decisions.isEmpty() || !(decisions.getFirst() instanceof Decision.Grow grow)) {
            return decisions;
        }
        var others = decisions.subList(1, decisions.size());
        assertThat(snapshot.running()).allMatch(job -> job.departure() == null);
        assertThat(others).noneMatch(decision -> decision instanceof Preempt || decision instanceof Decision.Grow);
        var grows = snapshot.running().stream()
                .filter(job -> job.job().equals(grow.job()))
                .findFirst()
                .orElseThrow();
        assertThat(snapshot.time().since(grows.started())).isGreaterThanOrEqualTo(Growth.REST);
        var admitted = others.stream()
                .filter(Admit.class::isInstance)
                .map(decision ->
                        world.submission(decision.job()).runningAt(((Admit) decision).placement(), snapshot.time()));
        var stay = snapshot.running().stream().filter(job -> !job.equals(grows));
        var alone = new Snapshot(
                snapshot.time(),
                snapshot.site(),
                snapshot.cohorts(),
                snapshot.recent(),
                Stream.concat(stay, admitted).toList(),
                List.of(Objects.requireNonNull(grows.wants())),
                snapshot.rules());
        assertThat(new FairPolicy().decide(alone).getLast())
                .isInstanceOfSatisfying(
                        Admit.class,
                        again -> assertThat(again.placement().tasks())
                                .isGreaterThan(grows.tasks())
                                .isGreaterThanOrEqualTo(grow.tasks()));
        return others;
    }

    private static void oneEach(Snapshot snapshot, List<Decision> decisions) {
        assertThat(decisions)
                .extracting(Decision::job)
                .isEqualTo(snapshot.waiting().stream().map(Waiting::job).toList());
    }

    private static void sameWhateverTheOrder(Random random, Snapshot snapshot, List<Decision> decisions) {
        assertThat(new FairPolicy().decide(snapshot)).isEqualTo(decisions);
        var running = new ArrayList<>(snapshot.running());
        var waiting = new ArrayList<>(snapshot.waiting());
        Collections.shuffle(running, random);
        Collections.shuffle(waiting, random);
        var shuffled = new Snapshot(
                snapshot.time(),
                snapshot.site(),
                snapshot.cohorts(),
                snapshot.recent(),
                running,
                waiting,
                snapshot.rules());
        assertThat(byJob(new FairPolicy().decide(shuffled))).isEqualTo(byJob(decisions));
    }

    private static Map<JobId, Decision> byJob(List<Decision> decisions) {
        var map = new HashMap<JobId, Decision>();
        decisions.forEach(decision -> map.put(decision.job(), decision));
        return map;
    }

    private static void admissionsAreRight(Snapshot snapshot, List<Decision> decisions) {
        for (var i = 0; i < decisions.size(); i++) {
            if (decisions.get(i) instanceof Admit admit) {
                Audit.gangIsWhole(snapshot.site(), snapshot.waiting().get(i).ask(), admit.placement());
            }
        }
    }

    private static void victimsAreNeededAndMayBeEvicted(Snapshot snapshot, List<Decision> decisions) {
        var running = new HashMap<JobId, Running>();
        snapshot.running().forEach(job -> running.put(job.job(), job));
        var evicted = new HashSet<JobId>();
        for (var i = 0; i < decisions.size(); i++) {
            if (decisions.get(i) instanceof Preempt preempt) {
                var preemptor = snapshot.waiting().get(i);
                assertThat(preempt.victims()).isNotEmpty();
                for (var victim : preempt.victims()) {
                    var job = Objects.requireNonNull(running.get(victim.job()));
                    assertThat(evicted.add(victim.job())).as("evicted once").isTrue();
                    assertThat(job.departure()).isNull();
                    if (victim.grounds() == Victim.Grounds.LOWER_PRIORITY) {
                        assertThat(job.queue()).isEqualTo(preemptor.queue());
                        assertThat(job.priority()).isLessThan(preemptor.priority());
                    } else {
                        assertThat(job.queue()).isNotEqualTo(preemptor.queue());
                    }
                }
            }
        }
    }

    private static void reasonsAreTrue(World world, Snapshot before, List<Decision> decisions) {
        var free = Audit.free(world.site(), world.running());
        for (var i = 0; i < decisions.size(); i++) {
            var job = before.waiting().get(i);
            if (!(decisions.get(i) instanceof Wait wait) || job.ask().roles().size() > 1) {
                continue;
            }
            assertThat(wait.position()).isPositive();
            assertThat(wait.shortage().sentence()).isNotBlank();
            var role = job.ask().roles().getFirst();
            switch (wait.shortage().reason()) {
                case NO_MATCHING_NODE -> assertThat(wait.shortage().free()).isLessThan(role.minimum());
                case WAITING_FOR_CAPACITY -> {
                    // What is promised to others may be taken off, never added.
                    assertThat(wait.shortage().asked())
                            .isEqualTo(role.minimum())
                            .isGreaterThan(wait.shortage().free());
                    assertThat(fewestOfAnyFlavour(world, role, free))
                            .as("%s", wait)
                            .isLessThan(role.minimum());
                }
                case WAITING_FOR_QUOTA, EXCEEDS_MAX_QUOTA ->
                    assertThat(wait.shortage().asked())
                            .isGreaterThan(wait.shortage().free());
                case TOPOLOGY_PLACEMENT_FAILED, WAITING_FOR_PREEMPTED, WAITING_FOR_TURN, MISCONFIGURED -> {}
                case ON_HOLD, SUSPENDED, WAITING_FOR_PODS_READY, BUDGET_SPENT, PRIORITY_NOT_TAKEN, PENDING_EVALUATION ->
                    throw new AssertionError(wait.toString());
            }
        }
    }

    private static int places(World world, Role role, Map<String, Audit.Free> free, FlavourName flavour) {
        var places = 0;
        for (var i = 0; i < world.site().size(); i++) {
            var node = world.site().node(i);
            if (Audit.mayBeOn(role, node, flavour)) {
                places += Objects.requireNonNull(free.get(node.name())).places(role.perTask());
            }
        }
        return places;
    }

    private static int fewestOfAnyFlavour(World world, Role role, Map<String, Audit.Free> free) {
        return Math.min(places(world, role, free, Worlds.FAST), places(world, role, free, Worlds.SLOW));
    }
}
