package io.shusuan.scheduler.queue;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.queue.placement.Ask;
import io.shusuan.scheduler.queue.placement.Node;
import io.shusuan.scheduler.queue.placement.NodeSelector;
import io.shusuan.scheduler.queue.placement.Packing;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;

/** Makes clusters, trees and jobs, by hand and by chance. */
public final class Worlds {

    public static final FlavourName FAST = new FlavourName("fast");
    public static final FlavourName SLOW = new FlavourName("slow");
    public static final Moment START = new Moment(1_800_000_000_000L);
    public static final Preemption RECLAIMING = new Preemption(true, Reclaim.ANY, false, Duration.ZERO);

    private Worlds() {}

    public static JobId id(int number) {
        return new JobId(new UUID(0x7000L, 0x8000_0000_0000_0000L + number));
    }

    public static QueueName name(int queue) {
        return new QueueName("queue-" + queue);
    }

    /** Nodes of one flavour with so many GPUs each, four to a rack. */
    public static Site site(int nodes, int gpus) {
        return new Site(
                List.of("rack"),
                IntStream.range(0, nodes).mapToObj(i -> node(i, FAST, gpus)).toList());
    }

    public static Node node(int number, FlavourName flavour, int gpus) {
        return new Node(
                "node-%03d".formatted(number),
                flavour,
                Map.of(),
                Set.of(),
                List.of("rack-%02d".formatted(number / 4)),
                new Resources(64_000, 512_000, gpus),
                Resources.NONE,
                20,
                0,
                "");
    }

    public static QueueRules queue(int number, long nominal, Preemption preemption) {
        return new QueueRules(
                name(number),
                QueueState.OPEN,
                1,
                List.of(Quota.of(FAST, Limits.gpus(nominal))),
                Limits.ANY,
                preemption);
    }

    public static Cohort cohort(QueueRules... queues) {
        return new Cohort(new CohortName("all"), 1, List.of(), List.of(), List.of(queues));
    }

    public static Ask gpus(int tasks, int each) {
        return Ask.of(new Role("main", new Resources(1000, 1000, each), tasks, NodeSelector.flavour(FAST)));
    }

    public static Waiting job(int number, int queue, int priority, Moment submitted, Ask ask) {
        return new Waiting(id(number), name(queue), "user-" + number % 3, priority, submitted, ask, null, null, null);
    }

    public static Waiting limited(Waiting job, Duration limit) {
        return new Waiting(
                job.job(), job.queue(), job.user(), job.priority(), job.submitted(), job.ask(), limit, null, null);
    }

    /** A site of both flavours. */
    public static Site randomSite(Random random, int size) {
        var nodes = new ArrayList<Node>();
        for (var i = 0; i < 1 + random.nextInt(size); i++) {
            var others = random.nextInt(4) == 0 ? new Resources(1000, 1000, random.nextInt(2)) : Resources.NONE;
            var plain = node(i, i / 4 % 2 == 0 ? FAST : SLOW, 1 << random.nextInt(4));
            var taints = random.nextInt(5) == 0 ? Set.of("maintenance") : Set.<String>of();
            nodes.add(new Node(
                    plain.name(),
                    plain.flavour(),
                    Map.of("zone", i % 2 == 0 ? "a" : "b"),
                    taints,
                    plain.domains(),
                    plain.allocatable(),
                    others,
                    4 + random.nextInt(8),
                    i % 3 == 0 ? 80 : 40,
                    ""));
        }
        return new Site(List.of("rack"), nodes);
    }

    /** @param depth how many cohorts stand above each other at most */
    public static Cohort randomTree(Random random, int depth, int[] nextQueue) {
        var cohorts = new ArrayList<Cohort>();
        for (var i = random.nextInt(3); depth > 1 && i > 0; i--) {
            cohorts.add(randomTree(random, depth - 1, nextQueue));
        }
        var queues = new ArrayList<QueueRules>();
        for (var i = 1 + random.nextInt(3); i > 0; i--) {
            queues.add(randomQueue(random, nextQueue[0]++));
        }
        return new Cohort(
                new CohortName("cohort-" + nextQueue[0]),
                1 + random.nextInt(3),
                random.nextInt(3) == 0 ? randomQuotas(random) : List.of(),
                cohorts,
                queues);
    }

    private static QueueRules randomQueue(Random random, int number) {
        var preemption = new Preemption(
                random.nextBoolean(),
                List.of(Reclaim.values()).get(random.nextInt(3)),
                random.nextBoolean(),
                Duration.ofMinutes(random.nextInt(3)));
        var perUser = random.nextInt(4) == 0 ? Limits.gpus(1 + random.nextInt(16)) : Limits.ANY;
        return new QueueRules(
                name(number), QueueState.OPEN, 1 + random.nextInt(3), randomQuotas(random), perUser, preemption);
    }

    private static List<Quota> randomQuotas(Random random) {
        var fast = randomQuota(random, FAST);
        var slow = randomQuota(random, SLOW);
        return switch (random.nextInt(3)) {
            case 0 -> List.of(fast);
            case 1 -> List.of(fast, slow);
            default -> List.of(slow, fast);
        };
    }

    private static Quota randomQuota(Random random, FlavourName flavour) {
        return new Quota(
                flavour,
                new Limits(random.nextInt(40) * 1000L, Limits.UNLIMITED, random.nextInt(16)),
                random.nextInt(3) == 0 ? Limits.gpus(random.nextInt(8)) : Limits.ANY,
                random.nextInt(3) == 0 ? Limits.gpus(random.nextInt(8)) : Limits.ANY);
    }

    public static Waiting randomJob(Random random, int number, int queues, Moment now) {
        var roles = new ArrayList<Role>();
        for (var i = 0; i <= (random.nextInt(4) == 0 ? 1 : 0); i++) {
            var tasks = 1 + random.nextInt(random.nextInt(4) == 0 ? 12 : 3);
            var each = new Resources(500L * (1 + random.nextInt(4)), 1000, random.nextInt(5));
            var least = random.nextInt(3) == 0 ? 1 + random.nextInt(tasks) : tasks;
            roles.add(new Role("role-" + i, each, tasks, least, randomSelector(random)));
        }
        var proximity = switch (random.nextInt(6)) {
            case 0 -> Proximity.required("rack");
            case 1 -> Proximity.preferred("rack");
            case 2 -> random.nextInt(4) == 0 ? Proximity.required(Proximity.NODE) : Proximity.ANYWHERE;
            default -> Proximity.ANYWHERE;
        };
        var packing = switch (random.nextInt(4)) {
            case 0 -> Packing.SPREAD;
            case 1 -> Packing.BALANCE;
            default -> Packing.PACK;
        };
        var limit = random.nextBoolean() ? Duration.ofMinutes(1 + random.nextInt(60)) : null;
        return new Waiting(
                id(number),
                name(random.nextInt(queues)),
                "user-" + random.nextInt(3),
                10 * random.nextInt(3),
                now,
                new Ask(roles, proximity, packing, number % 3 == 0),
                limit,
                null,
                null);
    }

    private static NodeSelector randomSelector(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> NodeSelector.flavour(FAST);
            case 1 -> NodeSelector.flavour(SLOW);
            case 2 ->
                new NodeSelector(
                        Set.of(), Map.of("zone", "a"), Set.of(), Set.of(), random.nextBoolean() ? 80 : 0, null);
            case 3 -> new NodeSelector(Set.of(), Map.of(), Set.of("maintenance"), Set.of(), 0, null);
            case 4 ->
                new NodeSelector(
                        Set.of(), Map.of(), Set.of("maintenance"), Set.of("node-000", "node-001", "node-004"), 0, null);
            default -> NodeSelector.ANY;
        };
    }
}
