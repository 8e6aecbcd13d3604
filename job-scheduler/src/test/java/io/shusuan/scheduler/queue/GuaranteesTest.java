package io.shusuan.scheduler.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.queue.Decision.Admit;
import io.shusuan.scheduler.queue.Decision.Preempt;
import io.shusuan.scheduler.queue.Decision.Wait;
import io.shusuan.scheduler.queue.quota.Cohort;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Preemption;
import io.shusuan.scheduler.queue.quota.QueueRules;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.queue.quota.Reclaim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What users are promised in the long run. */
class GuaranteesTest {

    private static final Rules RULES = new Rules(Duration.ofMinutes(1), 4, 1000);

    /** Whatever was lent: a queue that asks for what it owns gets it at once, or as soon as those have left who borrowed it. */
    @Test
    void whatAQueueOwnsCanAlwaysBeHadBack() {
        Seeds.forAll(200, 12, (random, size) -> {
            var tree = new ArrayList<QueueRules>();
            var total = 0L;
            for (var i = 0; i < 2 + random.nextInt(4); i++) {
                var nominal = random.nextInt(size);
                total += nominal;
                tree.add(Worlds.queue(i, nominal, Worlds.RECLAIMING));
            }
            var cohorts = nested(random, tree);
            var world = new World(Worlds.site(1 + (int) total / 8, 8), cohorts, RULES, Duration.ofSeconds(5));
            var now = Worlds.START;
            for (var i = 0; i < 4 * total; i++) {
                world.submit(Worlds.job(i, random.nextInt(tree.size()), 0, now, Worlds.gpus(1, 1)));
            }
            world.cycle(now);
            var owner = random.nextInt(tree.size());
            var nominal = tree.get(owner).quotas().getFirst().nominal().gpus();
            var used = world.running().stream()
                    .filter(job -> job.queue().equals(Worlds.name(owner)))
                    .count();
            if (used < nominal) {
                // It has asked for less than it owns: now it asks for all the rest.
                var late = Worlds.job(1_000_000, owner, 0, now, Worlds.gpus((int) (nominal - used), 1));
                world.submit(late);
                var decision = world.cycle(now.plus(Duration.ofSeconds(1))).stream()
                        .filter(each -> each.job().equals(late.job()))
                        .findFirst()
                        .orElseThrow();
                if (decision instanceof Wait wait) {
                    throw new AssertionError("%s of %d with %d used".formatted(wait, nominal, used));
                }
                world.cycle(now.plus(Duration.ofSeconds(10)));
                assertThat(world.running()).extracting(Running::job).contains(late.job());
            }
        });
    }

    private static Cohort nested(Random random, List<QueueRules> queues) {
        var half = queues.size() / 2;
        var inner = new Cohort(new CohortName("inner"), 1, List.of(), List.of(), queues.subList(0, half));
        return random.nextBoolean()
                ? Worlds.cohort(queues.toArray(QueueRules[]::new))
                : new Cohort(new CohortName("all"), 1, List.of(), List.of(inner), queues.subList(half, queues.size()));
    }

    /**
     * Small jobs come without end, of higher priority too, and still the large one has its turn: it takes all nodes, which its
     * queue owns, or which nobody does.
     */
    @Test
    void noStreamOfSmallJobsKeepsALargeOneWaitingForEver() {
        Seeds.forAll(20, 8, (random, size) -> {
            var nodes = 1 + size;
            var queues = 1 + random.nextInt(3);
            var all = nodes * 8L;
            var pooled = random.nextBoolean();
            var owner = random.nextInt(queues);
            var tree = IntStream.range(0, queues)
                    .mapToObj(i -> Worlds.queue(i, !pooled && i == owner ? all : 0, Preemption.NONE))
                    .toList();
            var pool = Quota.of(Worlds.FAST, Limits.gpus(pooled ? all : 0));
            var cohorts = new Cohort(new CohortName("all"), 1, List.of(pool), List.of(), tree);
            var world = new World(Worlds.site(nodes, 8), cohorts, RULES, Duration.ZERO);
            var ends = new HashMap<JobId, Moment>();
            var now = Worlds.START;
            var large = Worlds.job(1_000_000, owner, 0, now.plus(Duration.ofMinutes(10)), Worlds.gpus(nodes, 8));
            var known = random.nextBoolean();
            for (var cycle = 0; cycle < 400; cycle++) {
                now = now.plus(Duration.ofMinutes(1));
                for (var i = 0; i < nodes * 3; i++) {
                    var small = Worlds.job(
                            cycle * 100 + i,
                            random.nextInt(queues),
                            5 * random.nextInt(3),
                            now,
                            Worlds.gpus(1, 1 + random.nextInt(8)));
                    world.submit(known ? Worlds.limited(small, Duration.ofMinutes(5)) : small);
                }
                if (cycle == 10) {
                    world.submit(large);
                }
                for (var decision : world.cycle(now)) {
                    if (decision instanceof Admit admit) {
                        ends.put(admit.job(), now.plus(Duration.ofMinutes(1 + random.nextInt(5))));
                        if (admit.job().equals(large.job())) {
                            return;
                        }
                    }
                }
                end(world, ends, now);
            }
            throw new AssertionError("the large job never ran");
        });
    }

    private static void end(World world, Map<JobId, Moment> ends, Moment now) {
        for (var job : List.copyOf(world.running())) {
            if (Objects.requireNonNull(ends.get(job.job())).compareTo(now) <= 0) {
                world.end(job.job());
            }
        }
    }

    /** A start that was promised, with nothing unknown in its way, is kept: whoever is let in meanwhile. */
    @Test
    void backfillNeverDelaysWhatWasPromised() {
        Seeds.forAll(150, 12, (random, size) -> {
            var nodes = 1 + random.nextInt(size);
            var cohorts = Worlds.cohort(Worlds.queue(0, nodes * 8L, Preemption.NONE));
            var rules = new Rules(Duration.ZERO, 1, 0);
            var world = new World(Worlds.site(nodes, 8), cohorts, rules, Duration.ZERO);
            var ends = new HashMap<JobId, Moment>();
            var promised = new HashMap<JobId, Moment>();
            var now = Worlds.START;
            for (var cycle = 0; cycle < 60; cycle++) {
                now = now.plus(Duration.ofMinutes(1));
                for (var i = random.nextInt(6); i > 0; i--) {
                    var tasks = random.nextInt(5) == 0 ? 1 + random.nextInt(nodes) : 1;
                    var job = Worlds.job(cycle * 100 + i, 0, 0, now, Worlds.gpus(tasks, 1 + random.nextInt(8)));
                    world.submit(Worlds.limited(job, Duration.ofMinutes(1 + random.nextInt(30))));
                }
                for (var decision : world.cycle(now)) {
                    if (decision instanceof Admit admit) {
                        var start = promised.get(admit.job());
                        if (start != null) {
                            assertThat(now)
                                    .as("start of %s", admit)
                                    .isLessThanOrEqualTo(start.plus(Duration.ofMinutes(1)));
                        }
                        var job = world.running().stream()
                                .filter(each -> each.job().equals(admit.job()))
                                .findFirst()
                                .orElseThrow();
                        var limit = ((Ending.By) job.ending()).moment();
                        ends.put(admit.job(), random.nextBoolean() ? limit : now.plus(Duration.ofMinutes(1)));
                    } else if (decision instanceof Wait wait && wait.promise() != null) {
                        var start = wait.promise().start();
                        assertThat(start).isNotNull();
                        promised.merge(wait.job(), start, (one, other) -> one.compareTo(other) < 0 ? one : other);
                    }
                }
                end(world, ends, now);
            }
        });
    }

    /** Nothing comes and nothing ends: then evictions end, too, with every right that there is. */
    @Test
    void nobodyIsEvictedBackAndForth() {
        Seeds.forAll(80, 10, (random, size) -> {
            var everything = new Preemption(true, Reclaim.ANY, true, Duration.ZERO);
            var queues = 2 + random.nextInt(4);
            var tree = IntStream.range(0, queues)
                    .mapToObj(i -> new QueueRules(
                            Worlds.name(i),
                            QueueState.OPEN,
                            1 + random.nextInt(3),
                            List.of(Quota.of(Worlds.FAST, Limits.gpus(random.nextInt(size)))),
                            Limits.ANY,
                            everything))
                    .toList();
            var world = new World(
                    Worlds.site(1 + random.nextInt(size), 4),
                    nested(random, tree),
                    RULES,
                    Duration.ofSeconds(10L * random.nextInt(3)));
            for (var i = 0; i < 4 * size; i++) {
                var ask = Worlds.gpus(1 + random.nextInt(3), 1 + random.nextInt(4));
                world.submit(Worlds.job(i, random.nextInt(queues), random.nextInt(3), Worlds.START, ask));
                if (i % 3 == 0) {
                    world.cycle(Worlds.START);
                }
            }
            var now = Worlds.START;
            var last = 0;
            for (var cycle = 0; cycle < 60 + 20 * size; cycle++) {
                now = now.plus(Duration.ofSeconds(10));
                if (world.cycle(now).stream().anyMatch(Preempt.class::isInstance)) {
                    last = cycle;
                }
            }
            assertThat(last).as("the last cycle with an eviction").isLessThan(40 + 20 * size);
        });
    }
}
