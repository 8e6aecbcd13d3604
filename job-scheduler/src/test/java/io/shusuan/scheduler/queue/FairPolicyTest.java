package io.shusuan.scheduler.queue;

import static io.shusuan.scheduler.queue.Worlds.FAST;
import static io.shusuan.scheduler.queue.Worlds.SLOW;
import static io.shusuan.scheduler.queue.Worlds.START;
import static io.shusuan.scheduler.queue.Worlds.cohort;
import static io.shusuan.scheduler.queue.Worlds.gpus;
import static io.shusuan.scheduler.queue.Worlds.job;
import static io.shusuan.scheduler.queue.Worlds.limited;
import static io.shusuan.scheduler.queue.Worlds.queue;
import static io.shusuan.scheduler.queue.Worlds.site;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.queue.Decision.Admit;
import io.shusuan.scheduler.queue.Decision.Evict;
import io.shusuan.scheduler.queue.Decision.Preempt;
import io.shusuan.scheduler.queue.Decision.Wait;
import io.shusuan.scheduler.queue.placement.Ask;
import io.shusuan.scheduler.queue.placement.Node;
import io.shusuan.scheduler.queue.placement.NodeSelector;
import io.shusuan.scheduler.queue.placement.Packing;
import io.shusuan.scheduler.queue.placement.Placement;
import io.shusuan.scheduler.queue.placement.Proximity;
import io.shusuan.scheduler.queue.placement.Role;
import io.shusuan.scheduler.queue.placement.Site;
import io.shusuan.scheduler.queue.quota.Cohort;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Preemption;
import io.shusuan.scheduler.queue.quota.QueueRules;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.queue.quota.Reclaim;
import io.shusuan.scheduler.spec.GpuLabels;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The rules, one by one. */
class FairPolicyTest {

    private static final Preemption NONE = Preemption.NONE;

    private static World world(Site site, Cohort cohorts) {
        return new World(site, cohorts, Rules.USUAL, Duration.ofSeconds(10));
    }

    private static Decision about(World world, Waiting job, Moment at) {
        return world.cycle(at).stream()
                .filter(decision -> decision.job().equals(job.job()))
                .findFirst()
                .orElseThrow();
    }

    private static Shortage shortage(World world, Waiting job) {
        world.submit(job);
        return about(world, job, START) instanceof Wait wait
                ? wait.shortage()
                : Shortage.of(WaitReason.PENDING_EVALUATION, "does not wait");
    }

    @Test
    void whoWaitsForQuotaIsToldHowMuchAndWhoHasIt() {
        var world = world(site(4, 8), cohort(queue(0, 6, NONE), queue(1, 2, NONE)));
        world.submit(job(1, 1, 0, START, gpus(5, 1)));
        world.cycle(START);
        assertThat(shortage(world, job(2, 0, 0, START, gpus(4, 1))).sentence())
                .isEqualTo("asks for 4 GPU of flavour fast; of the quota of queue queue-0 in cohort all 3 are free; "
                        + "held by queue-1 5");
    }

    @Test
    void ofThoseWhoWaitForTheSameOnlyTheFirstIsToldTheNumbers() {
        var world = world(site(1, 4), cohort(queue(0, 100, NONE)));
        world.submit(job(1, 0, 9, START, gpus(1, 4)));
        world.cycle(START);
        assertThat(shortage(world, job(2, 0, 1, START, gpus(1, 2))).reason())
                .isEqualTo(WaitReason.WAITING_FOR_CAPACITY);
        var second = shortage(world, job(3, 0, 0, START, gpus(1, 2)));
        assertThat(second.reason()).isEqualTo(WaitReason.WAITING_FOR_TURN);
        assertThat(second.sentence())
                .isEqualTo("asks for 1 task(s) of role main, 2 GPU, 1 CPU, 1000 MB each, on flavour fast; "
                        + "what is free is kept for jobs that are before it");
        assertThat(shortage(world, job(4, 0, 0, START, gpus(1, 1))).reason())
                .isEqualTo(WaitReason.WAITING_FOR_CAPACITY);
    }

    @Test
    void whatIsLargerThanEveryNodeIsToldTheLargest() {
        var world = world(site(2, 4), cohort(queue(0, 100, NONE)));
        assertThat(shortage(world, job(1, 0, 0, START, gpus(1, 5))).sentence())
                .startsWith("a task of role main asks for 5 GPU, 1 CPU, 1000 MB, but the largest node has 4 GPU")
                .endsWith("; ask for less, or add a larger node");
    }

    @Test
    void whatNeverFitsIsToldSoAndHoldsBackNobody() {
        var world = world(site(2, 4), cohort(queue(0, 100, NONE)));
        world.submit(job(2, 0, 0, START, gpus(1, 1)));
        var shortage = shortage(world, job(1, 0, 9, START, gpus(3, 4)));
        assertThat(shortage.reason()).isEqualTo(WaitReason.NO_MATCHING_NODE);
        assertThat(shortage.sentence())
                .isEqualTo("asks for 3 task(s) of role main, 4 GPU, 1 CPU, 1000 MB each, on flavour fast, "
                        + "but the whole cluster has places for 2 such; ask for less, or add nodes");
        assertThat(world.running()).hasSize(1);
        assertThat(shortage(world, job(3, 0, 9, START, gpus(1, 5))).reason()).isEqualTo(WaitReason.NO_MATCHING_NODE);
    }

    @Test
    void moreThanTheLargestQuotaIsNeverThere() {
        var world = world(site(8, 8), cohort(queue(0, 4, NONE), queue(1, 3, NONE)));
        assertThat(shortage(world, job(1, 0, 0, START, gpus(8, 1))))
                .extracting(Shortage::reason, Shortage::asked, Shortage::free)
                .containsExactly(WaitReason.EXCEEDS_MAX_QUOTA, 8L, 7L);
    }

    @Test
    void heldDrainedAndStoppedQueuesAdmitNothingAndStoppedOnesLoseWhatRuns() {
        for (var state : List.of(QueueState.HELD, QueueState.DRAINED, QueueState.STOPPED)) {
            var world = world(site(2, 8), cohort(queue(0, 8, NONE)));
            var running = job(1, 0, 0, START, gpus(1, 1));
            world.submit(running);
            world.cycle(START);
            world.divideAnew(cohort(new QueueRules(
                    Worlds.name(0), state, 1, List.of(Quota.of(FAST, Limits.gpus(8))), Limits.ANY, NONE)));
            var waiting = job(2, 0, 0, START, gpus(1, 1));
            world.submit(waiting);
            var decisions = world.cycle(START);
            assertThat(decisions.getLast())
                    .isInstanceOfSatisfying(
                            Wait.class,
                            wait -> assertThat(wait.shortage().reason()).isEqualTo(WaitReason.ON_HOLD));
            assertThat(decisions.contains(new Evict(running.job()))).isEqualTo(state == QueueState.STOPPED);
        }
    }

    @Test
    void flavoursAreTriedInTheOrderOfTheQueue() {
        var nodes = List.of(Worlds.node(0, FAST, 1), Worlds.node(4, SLOW, 1));
        var quotas = List.of(Quota.of(SLOW, Limits.gpus(1)), Quota.of(FAST, Limits.gpus(1)));
        var rules = new QueueRules(Worlds.name(0), QueueState.OPEN, 1, quotas, Limits.ANY, NONE);
        var world = world(new Site(List.of("rack"), nodes), cohort(rules));
        var ask = Ask.of(new Role("main", new Resources(1000, 1000, 1), 1, NodeSelector.ANY));
        world.submit(job(1, 0, 0, START, ask));
        world.submit(job(2, 0, 0, START, ask));
        assertThat(world.cycle(START))
                .extracting(decision ->
                        ((Admit) decision).placement().spots().getFirst().flavour())
                .containsExactly(SLOW, FAST);
    }

    @Test
    void aUserHasNoMoreThanItsPart() {
        var rules = new QueueRules(
                Worlds.name(0), QueueState.OPEN, 1, List.of(Quota.of(FAST, Limits.gpus(8))), Limits.gpus(3), NONE);
        var world = world(site(2, 8), cohort(rules));
        // Numbers that differ by three are of one user.
        world.submit(job(0, 0, 0, START, gpus(2, 1)));
        world.submit(job(1, 0, 0, START, gpus(2, 1)));
        assertThat(shortage(world, job(3, 0, 0, START, gpus(2, 1))).sentence())
                .isEqualTo("asks for 2 GPU; of the quota of user user-0 in queue queue-0 1 are free; held by user-0 2");
        assertThat(world.running()).hasSize(2);
    }

    @Test
    void anElasticGangTakesWhatItCanGet() {
        var world = world(site(1, 8), cohort(queue(0, 5, NONE)));
        var role = new Role("main", new Resources(1000, 1000, 1), 8, 2, NodeSelector.ANY);
        var job = job(1, 0, 0, START, Ask.of(role));
        world.submit(job);
        assertThat(about(world, job, START))
                .isInstanceOfSatisfying(
                        Admit.class,
                        admit -> assertThat(admit.placement().tasks()).isEqualTo(5));
    }

    @Test
    void aGangStaysInOneRackWhenItHasToAndIsToldWhenNoneHasRoom() {
        var world = world(site(8, 2), cohort(queue(0, 100, NONE)));
        world.submit(job(1, 0, 0, START, gpus(2, 2)));
        world.cycle(START);
        world.submit(job(2, 0, 0, START.plus(Duration.ofSeconds(1)), gpus(4, 2).near(Proximity.required("rack"))));
        world.cycle(START);
        assertThat(world.running()).hasSize(2);
        assertThat(shortage(world, job(3, 0, 0, START, gpus(2, 2).near(Proximity.required(Proximity.NODE))))
                        .reason())
                .isEqualTo(WaitReason.NO_MATCHING_NODE);
        var third = job(4, 0, 0, START, gpus(3, 2).near(Proximity.required("rack")));
        assertThat(shortage(world, third).reason()).isEqualTo(WaitReason.WAITING_FOR_CAPACITY);
        assertThat(shortage(world, job(5, 0, 0, START, gpus(2, 2).near(Proximity.required("tower"))))
                        .reason())
                .isEqualTo(WaitReason.MISCONFIGURED);
    }

    @Test
    void roomThatIsSpreadOverRacksIsTooLittleForAGangThatWantsOne() {
        var world = world(site(8, 2), cohort(queue(0, 100, NONE)));
        for (var rack = 0; rack < 2; rack++) {
            var pinned = new NodeSelector(
                    Set.of(), Map.of(), Set.of(), Set.of("node-00" + 4 * rack, "node-00" + (4 * rack + 1)), 0, null);
            world.submit(job(rack, 0, 0, START, Ask.of(new Role("main", new Resources(1000, 1000, 2), 2, pinned))));
        }
        world.cycle(START);
        assertThat(shortage(world, job(3, 0, 0, START, gpus(3, 2).near(Proximity.required("rack")))))
                .extracting(Shortage::reason, Shortage::asked, Shortage::free)
                .containsExactly(WaitReason.TOPOLOGY_PLACEMENT_FAILED, 3L, 2L);
    }

    /** One place is free in each of two racks; both are kept for a gang that came before. */
    @Test
    void roomThatIsSpreadOverRacksIsNotTooLittleWhenItIsKeptForAnother() {
        var world = world(site(8, 1), cohort(queue(0, 100, NONE), queue(1, 100, NONE)));
        for (var node : List.of(0, 1, 2, 4, 5, 6)) {
            var pinned = new NodeSelector(Set.of(), Map.of(), Set.of(), Set.of("node-00" + node), 0, null);
            world.submit(job(node, 0, 0, START, Ask.of(new Role("main", new Resources(1000, 1000, 1), 1, pinned))));
        }
        world.cycle(START);
        world.submit(job(8, 0, 0, START, gpus(8, 1)));
        world.cycle(START);
        var later = START.plus(Duration.ofSeconds(1));
        assertThat(shortage(world, job(9, 1, 0, later, gpus(2, 1).near(Proximity.required("rack")))))
                .extracting(Shortage::reason, Shortage::asked, Shortage::free)
                .containsExactly(WaitReason.TOPOLOGY_PLACEMENT_FAILED, 2L, 0L);
        assertThat(shortage(world, job(10, 1, 0, later, gpus(2, 1))))
                .extracting(Shortage::reason)
                .isEqualTo(WaitReason.WAITING_FOR_TURN);
    }

    private static Shortage wishes(Site site, NodeSelector where) {
        return shortage(
                world(site, cohort(queue(0, 100, NONE))),
                job(1, 0, 0, START, Ask.of(new Role("main", new Resources(1000, 1000, 1), 1, where))));
    }

    private static Node kind(String name, Map<String, String> labels, int gpuMemory, String... taints) {
        return new Node(
                name,
                FAST,
                labels,
                Set.of(taints),
                List.of(),
                new Resources(8000, 8000, 2),
                Resources.NONE,
                9,
                gpuMemory,
                GpuLabels.mig(labels));
    }

    @Test
    void whatNoNodeHasIsNamedWithWhatThereIs() {
        var site = new Site(
                List.of(),
                List.of(
                        kind("a", Map.of("zone", "a"), 40),
                        kind("b", Map.of("zone", "b"), 80, "dedicated"),
                        kind("c", Map.of("zone", "c"), 16)));
        assertThat(wishes(site, new NodeSelector(Set.of(), Map.of("zone", "z"), Set.of(), Set.of(), 0, null))
                        .sentence())
                .isEqualTo("role main asks for nodes with zone=z, but there are those with zone=a, zone=b, zone=c;"
                        + " ask for what there is, or add such a node");
        assertThat(wishes(site, new NodeSelector(Set.of(), Map.of(), Set.of(), Set.of(), 81, null))
                        .sentence())
                .contains("asks for nodes with GPUs of 81 GB, but the largest GPU has 80 GB;");
        assertThat(wishes(site, new NodeSelector(Set.of(), Map.of(), Set.of(), Set.of(), 80, null))
                        .sentence())
                .contains("but such nodes have taints that it does not tolerate: dedicated;");
        assertThat(wishes(site, new NodeSelector(Set.of(), Map.of("zone", "a"), Set.of(), Set.of(), 80, null))
                        .sentence())
                .contains("asks for nodes with zone=a and GPUs of 80 GB, but none has all of that;");
        var fits =
                wishes(site, new NodeSelector(Set.of(), Map.of("zone", "b"), Set.of("dedicated"), Set.of(), 80, null));
        assertThat(fits.reason()).isEqualTo(WaitReason.PENDING_EVALUATION);
    }

    @Test
    void slicesAndWholeGpusAreNotTakenForEachOther() {
        var whole = kind("a", Map.of(GpuLabels.MODEL, "A100"), 80);
        var sliced = kind("b", Map.of(GpuLabels.MODEL, "A100-MIG-1g.10gb"), 10);
        assertThat(wishes(new Site(List.of(), List.of(whole)), slices("1g.10gb"))
                        .sentence())
                .contains("asks for nodes with MIG slices 1g.10gb, but no GPU is cut into slices;");
        assertThat(wishes(new Site(List.of(), List.of(whole, sliced)), slices("2g.20gb"))
                        .sentence())
                .contains("asks for nodes with MIG slices 2g.20gb, but GPUs are cut into 1g.10gb;");
        assertThat(wishes(new Site(List.of(), List.of(sliced)), slices("")).sentence())
                .contains("asks for nodes with whole GPUs, but GPUs are cut into 1g.10gb;");
        for (var wanted : List.of("", "1g.10gb")) {
            var world = world(new Site(List.of(), List.of(whole, sliced)), cohort(queue(0, 100, NONE)));
            world.submit(
                    job(1, 0, 0, START, Ask.of(new Role("main", new Resources(1000, 1000, 1), 1, slices(wanted)))));
            assertThat(world.cycle(START))
                    .extracting(decision -> ((Admit) decision).placement().nodes())
                    .containsExactly(List.of(wanted.isEmpty() ? "a" : "b"));
        }
    }

    private static NodeSelector slices(String mig) {
        return new NodeSelector(Set.of(), Map.of(), Set.of(), Set.of(), 0, mig);
    }

    @Test
    void whoIsTooLargeForWhatItWantsIsToldTheLargestOfThat() {
        var site = new Site(
                List.of(),
                List.of(
                        kind("a", Map.of("zone", "a"), 0),
                        new Node(
                                "b",
                                FAST,
                                Map.of(),
                                Set.of(),
                                List.of(),
                                new Resources(64_000, 64_000, 8),
                                Resources.NONE,
                                9,
                                0,
                                "")));
        var where = new NodeSelector(Set.of(), Map.of("zone", "a"), Set.of(), Set.of(), 0, null);
        var four = job(1, 0, 0, START, Ask.of(new Role("main", new Resources(1000, 1000, 4), 1, where)));
        assertThat(shortage(world(site, cohort(queue(0, 100, NONE))), four).sentence())
                .contains("but the largest node has 2 GPU, 8 CPU");
    }

    @Test
    void tasksArePackedOrSpread() {
        var world = world(site(4, 4), cohort(queue(0, 100, NONE)));
        var packed = gpus(4, 1);
        world.submit(job(1, 0, 0, START, packed));
        world.submit(job(2, 0, 0, START, new Ask(packed.roles(), Proximity.ANYWHERE, Packing.SPREAD)));
        assertThat(world.cycle(START))
                .extracting(decision -> ((Admit) decision).placement().nodes().size())
                .containsExactly(1, 3);
    }

    private static Map<String, Integer> tasksByRack(Site site, Decision decision) {
        return ((Admit) decision)
                .placement().spots().stream()
                        .collect(Collectors.toMap(
                                spot -> site.node(site.number(spot.node()))
                                        .domains()
                                        .getFirst(),
                                Placement.Spot::tasks,
                                Integer::sum));
    }

    @Test
    void tasksAreBalancedOverAsFewRacksAsHoldThem() {
        var site = site(12, 4); // three racks of sixteen
        var world = world(site, cohort(queue(0, 100, NONE)));
        var near = gpus(20, 1).near(Proximity.preferred("rack"));
        var balanced = new Ask(near.roles(), near.proximity(), Packing.BALANCE);
        world.submit(job(1, 0, 0, START, balanced));
        var decision = world.cycle(START).getFirst();
        assertThat(tasksByRack(site, decision).values()).containsExactlyInAnyOrder(10, 10);
        assertThat(((Admit) decision).placement().nodes()).hasSize(6); // and packed inside each

        var packing = world(site, cohort(queue(0, 100, NONE)));
        packing.submit(job(1, 0, 0, START, near));
        assertThat(tasksByRack(site, packing.cycle(START).getFirst()).values()).containsExactlyInAnyOrder(16, 4);

        var small = world(site, cohort(queue(0, 100, NONE)));
        small.submit(job(1, 0, 0, START, new Ask(gpus(7, 1).roles(), near.proximity(), Packing.BALANCE)));
        assertThat(tasksByRack(site, small.cycle(START).getFirst())).hasSize(1);
    }

    /** Whatever runs there already: none of the racks is needless, and who has fewer tasks than another by more than one is full. */
    @Test
    void balancedTasksAreAsEvenAsTheRoomAllows() {
        var site = site(12, 4);
        var random = new Random(7);
        for (var round = 0; round < 300; round++) {
            var world = world(site, cohort(queue(0, 1000, NONE)));
            var free = new HashMap<String, Integer>();
            for (var node = 0; node < 12; node++) {
                var taken = random.nextInt(5);
                var name = "node-%03d".formatted(node);
                free.merge(site.node(site.number(name)).domains().getFirst(), 4 - taken, Integer::sum);
                if (taken > 0) {
                    var pinned = new NodeSelector(Set.of(), Map.of(), Set.of(), Set.of(name), 0, null);
                    world.submit(job(
                            100 + node,
                            0,
                            0,
                            START,
                            Ask.of(new Role("main", new Resources(100, 100, taken), 1, pinned))));
                }
            }
            world.cycle(START);
            var most = free.values().stream().mapToInt(each -> each).sum();
            if (most < 2) {
                continue;
            }
            var tasks = 1 + random.nextInt(most);
            var ask = new Ask(gpus(tasks, 1).roles(), Proximity.preferred("rack"), Packing.BALANCE);
            var job = job(1, 0, 0, START, ask);
            world.submit(job);
            var given = tasksByRack(site, about(world, job, START));
            assertThat(given.values().stream().mapToInt(each -> each).sum()).isEqualTo(tasks);
            var needed = 0;
            var room = 0;
            for (var each :
                    free.values().stream().sorted(Comparator.reverseOrder()).toList()) {
                if (room < tasks) {
                    room += each;
                    needed++;
                }
            }
            assertThat(given).as("%d tasks in %s", tasks, free).hasSize(needed);
            var fullest = given.values().stream().mapToInt(each -> each).max().orElseThrow();
            given.forEach((rack, count) -> assertThat(count >= fullest - 1 || count.equals(free.get(rack)))
                    .as("%s of %s", given, free)
                    .isTrue());
        }
    }

    @Test
    void aShortJobPassesAPromiseAndALongOneDoesNot() {
        var world = world(site(2, 8), cohort(queue(0, 16, NONE)));
        world.submit(limited(job(1, 0, 0, START, gpus(1, 8)), Duration.ofHours(1)));
        world.cycle(START);
        var large = limited(job(2, 0, 0, START, gpus(2, 8)), Duration.ofHours(1));
        world.submit(large);
        assertThat(about(world, large, START.plus(Duration.ofMinutes(1))))
                .isInstanceOfSatisfying(
                        Wait.class,
                        wait -> assertThat(wait.promise())
                                .isEqualTo(new Promise(
                                        List.of("node-000", "node-001"), false, START.plus(Duration.ofHours(1)))));
        var longer = limited(job(3, 0, 0, START.plus(Duration.ofMinutes(1)), gpus(1, 1)), Duration.ofHours(2));
        var shorter = limited(job(4, 0, 0, START.plus(Duration.ofMinutes(1)), gpus(1, 1)), Duration.ofMinutes(30));
        assertThat(shortage(world, longer).reason()).isEqualTo(WaitReason.WAITING_FOR_TURN);
        world.submit(shorter);
        assertThat(about(world, shorter, START.plus(Duration.ofMinutes(2)))).isInstanceOf(Admit.class);
    }

    @Test
    void whatWasBorrowedIsTakenBackFromWhoLosesTheLeast() {
        var reclaiming = new Preemption(false, Reclaim.ANY, false, Duration.ofMinutes(5));
        var world = world(site(1, 8), cohort(queue(0, 4, reclaiming), queue(1, 4, reclaiming)));
        world.submit(job(1, 1, 0, START, gpus(2, 1)));
        world.submit(job(2, 1, 0, START, gpus(2, 1)));
        world.cycle(START);
        world.submit(job(3, 1, 0, START, gpus(4, 1)));
        world.cycle(START.plus(Duration.ofMinutes(4)));
        var owner = job(4, 0, 0, START, gpus(2, 1));
        world.submit(owner);
        // The youngest has lost the least, but is protected for five minutes.
        var decision = about(world, owner, START.plus(Duration.ofMinutes(6)));
        assertThat(((Preempt) decision).victims())
                .extracting(Victim::job, Victim::grounds)
                .containsExactly(tuple(Worlds.id(1), Victim.Grounds.RECLAIM));
        assertThat(about(world, owner, START.plus(Duration.ofSeconds(365))))
                .isInstanceOfSatisfying(
                        Wait.class,
                        wait -> assertThat(wait.shortage().reason()).isEqualTo(WaitReason.WAITING_FOR_PREEMPTED));
        assertThat(about(world, owner, START.plus(Duration.ofSeconds(371)))).isInstanceOf(Admit.class);
    }

    @Test
    void decayedUseOfTheFormerWeekCounts() {
        var pool = Quota.of(FAST, Limits.gpus(4));
        var poor = List.of(queue(0, 0, NONE), queue(1, 0, NONE));
        var world = world(site(1, 8), new Cohort(new CohortName("all"), 1, List.of(pool), List.of(), poor));
        world.remember(Map.of(Worlds.name(0), new Limits(0, 0, 3)));
        for (var i = 0; i < 8; i++) {
            world.submit(job(i, i % 2, 0, START, gpus(1, 1)));
        }
        world.cycle(START);
        assertThat(world.running().stream().filter(each -> each.queue().equals(Worlds.name(1))))
                .hasSize(4
                        - world.running().stream()
                                .filter(each -> each.queue().equals(Worlds.name(0)))
                                .toList()
                                .size())
                .hasSizeGreaterThanOrEqualTo(3);
    }

    @Test
    void absurdNumbersAreRefused() {
        assertThatThrownBy(() -> Limits.gpus(-1)).hasMessageContaining("gpus must be 0 to");
        assertThatThrownBy(() -> Limits.gpus(Long.MAX_VALUE - 1)).hasMessageContaining("gpus must be 0 to");
        assertThatThrownBy(() -> job(1, 0, Integer.MIN_VALUE, START, gpus(1, 1)))
                .hasMessageContaining("priority");
        var twice = cohort(queue(0, 1, NONE), queue(0, 1, NONE));
        assertThatThrownBy(() -> world(site(1, 1), twice).cycle(START)).hasMessageContaining("in the tree twice");
    }
}
