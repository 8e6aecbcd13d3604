package io.shusuan.scheduler.queue.fifo;

import static io.shusuan.scheduler.queue.WaitReason.NO_MATCHING_NODE;
import static io.shusuan.scheduler.queue.WaitReason.WAITING_FOR_CAPACITY;
import static io.shusuan.scheduler.queue.WaitReason.WAITING_FOR_TURN;
import static io.shusuan.scheduler.queue.fifo.FifoAssert.assertThat;
import static io.shusuan.scheduler.queue.fifo.FifoAssert.cluster;
import static io.shusuan.scheduler.queue.fifo.FifoAssert.cpus;
import static io.shusuan.scheduler.queue.fifo.FifoAssert.gpus;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.queue.fifo.Decision.Admit;
import io.shusuan.scheduler.queue.fifo.Decision.Wait;
import io.shusuan.scheduler.queue.fifo.Snapshot.Share;
import io.shusuan.scheduler.queue.fifo.Snapshot.Waiting;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** First come, first served. */
class FifoPolicyTest {

    @Test
    void whoFitsIsAdmittedInTheOrderOfTheLine() {
        assertThat(cluster(1, cpus(4), 10)
                        .waiting("first", 1, cpus(2))
                        .waiting("second", 2, cpus(1))
                        .waiting("third", 1, cpus(1)))
                .admits("first", "second")
                .letsWait("third", WAITING_FOR_CAPACITY);
    }

    @Test
    void aGangIsAdmittedWholeOrNotAtAll() {
        assertThat(cluster(2, cpus(4), 10).holding(1, cpus(2)).waiting("gang", 4, cpus(2)))
                .letsWait("gang", WAITING_FOR_CAPACITY)
                .saysOf(
                        "gang",
                        "asks for 0 GPU, 8 CPU, 0 MB in 4 task(s); free are 0 GPU, 6 CPU, 0 MB and room for 19 task(s); jobs of this platform hold 0 GPU, 2 CPU, 0 MB");
    }

    @Test
    void smallJobsDoNotStarveALargeOneAtTheHeadOfTheLine() {
        assertThat(cluster(1, cpus(4), 10)
                        .holding(1, cpus(1))
                        .waiting("large", 1, cpus(4))
                        .waiting("small", 1, cpus(1)))
                .letsWait("large", WAITING_FOR_CAPACITY)
                .letsWait("small", WAITING_FOR_TURN);
    }

    @Test
    void whoFitsNowhereHoldsBackNobodyAndIsToldTheNumbers() {
        assertThat(cluster(2, cpus(4), 10).waiting("never", 1, gpus(1)).waiting("next", 1, cpus(1)))
                .letsWait("never", NO_MATCHING_NODE)
                .saysOf(
                        "never",
                        "a task of role main asks for 1 GPU, 0 CPU, 0 MB, but the largest node has 0 GPU, 4 CPU, 0 MB; ask for less, or add a larger node")
                .admits("next");
    }

    @Test
    void aGangThatNoEmptyClusterHoldsIsToldSo() {
        // In sum there would be room: 3 × 3 of 3 × 4 cores; but each node takes one task.
        assertThat(cluster(3, cpus(4), 10).waiting("gang", 4, cpus(3)))
                .letsWait("gang", NO_MATCHING_NODE)
                .saysOf(
                        "gang",
                        "role main asks for 4 task(s) of 0 GPU, 3 CPU, 0 MB each, but the whole cluster has places for 3 such; ask for less, or add nodes");
        assertThat(cluster(1, cpus(4), 10).waiting("roles", new Share("a", cpus(3), 1), new Share("b", cpus(2), 1)))
                .letsWait("roles", NO_MATCHING_NODE);
        assertThat(cluster(2, cpus(100), 3).waiting("many", 7, cpus(1))).letsWait("many", NO_MATCHING_NODE);
    }

    @Test
    void aJobBehindOneThatWaitsIsToldThatItFitsNowhere() {
        assertThat(cluster(1, cpus(4), 10)
                        .holding(1, cpus(4))
                        .waiting("head", 1, cpus(1))
                        .waiting("never", 1, cpus(5)))
                .letsWait("never", NO_MATCHING_NODE);
    }

    @Test
    void whatOthersUseIsNotFreeButMayBecomeSo() {
        assertThat(cluster(1, cpus(4), 10).withOthersUsing(cpus(3)).waiting("job", 1, cpus(2)))
                .letsWait("job", WAITING_FOR_CAPACITY);
    }

    @Test
    void theNumberOfTasksIsBoundedToo() {
        assertThat(cluster(1, cpus(100), 4)
                        .holding(2, cpus(2))
                        .waiting("two", 2, cpus(1))
                        .waiting("one", 1, cpus(1)))
                .admits("two")
                .letsWait("one", WAITING_FOR_CAPACITY);
    }

    @Test
    void whenMoreIsHeldThanThereIsNobodyIsAdmitted() {
        assertThat(cluster(1, cpus(4), 10).holding(3, cpus(9)).waiting("job", 1, cpus(1)))
                .letsWait("job", WAITING_FOR_CAPACITY);
    }

    @Test
    void withoutNodesNobodyFits() {
        assertThat(cluster(0, cpus(1), 1).waiting("job", 1, cpus(1)))
                .saysOf(
                        "job",
                        "a task of role main asks for 0 GPU, 1 CPU, 0 MB, but the cluster has no node that takes work; ask for less, or add a larger node");
    }

    /** A second, plainer reading of the rules must agree, whatever the snapshot. */
    @Test
    void noSnapshotBreaksTheRules() {
        var random = new Random(20250101);
        for (var round = 0; round < 5000; round++) {
            var snapshot = snapshot(random);
            var decisions = new FifoPolicy().decide(snapshot);
            assertThat(decisions).isEqualTo(new FifoPolicy().decide(snapshot));
            assertThat(decisions)
                    .extracting(Decision::job)
                    .isEqualTo(snapshot.waiting().stream().map(Waiting::job).toList());
            assertNeverBeyondCapacity(snapshot, decisions);
            assertInOrder(snapshot, decisions);
        }
    }

    private static void assertNeverBeyondCapacity(Snapshot snapshot, List<Decision> decisions) {
        var capacity = snapshot.capacity();
        var admitted = admitted(snapshot, decisions);
        if (admitted.isEmpty()) {
            return;
        }
        var used = capacity.usedByOthers().plus(snapshot.held());
        var tasks = snapshot.heldTasks();
        for (var job : admitted) {
            for (var share : job.shares()) {
                used = used.plus(share.perTask().times(share.tasks()));
                tasks += share.tasks();
            }
        }
        assertThat(used.fitsIn(capacity.allocatable()))
                .as("%s admits %s", snapshot, decisions)
                .isTrue();
        assertThat(tasks)
                .isLessThanOrEqualTo(capacity.nodes().stream()
                        .mapToInt(Capacity.Node::maxTasks)
                        .sum());
    }

    private static List<Waiting> admitted(Snapshot snapshot, List<Decision> decisions) {
        var ids = new HashSet<JobId>();
        decisions.stream().filter(Admit.class::isInstance).map(Decision::job).forEach(ids::add);
        return snapshot.waiting().stream()
                .filter(job -> ids.contains(job.job()))
                .toList();
    }

    /** Nobody is admitted behind one that could run some day and waits. */
    private static void assertInOrder(Snapshot snapshot, List<Decision> decisions) {
        var blocked = false;
        for (var decision : decisions) {
            switch (decision) {
                case Admit admit ->
                    assertThat(blocked).as("%s admits %s", snapshot, decisions).isFalse();
                case Wait wait -> {
                    switch (wait.reason()) {
                        case WAITING_FOR_CAPACITY -> {
                            assertThat(blocked).isFalse();
                            blocked = true;
                        }
                        case WAITING_FOR_TURN -> assertThat(blocked).isTrue();
                        case NO_MATCHING_NODE -> {}
                        case ON_HOLD,
                                MISCONFIGURED,
                                SUSPENDED,
                                WAITING_FOR_DEPENDENCY,
                                WAITING_FOR_PODS_READY,
                                EXCEEDS_MAX_QUOTA,
                                WAITING_FOR_QUOTA,
                                TOPOLOGY_PLACEMENT_FAILED,
                                WAITING_FOR_PREEMPTED,
                                PENDING_EVALUATION -> throw new AssertionError("the policy does not know " + wait);
                    }
                }
            }
        }
    }

    private static Snapshot snapshot(Random random) {
        var nodes = IntStream.range(0, random.nextInt(4))
                .mapToObj(i -> new Capacity.Node("node-" + i, amount(random, 16), amount(random, 4), random.nextInt(8)))
                .toList();
        var waiting = new ArrayList<Waiting>();
        for (var i = random.nextInt(12); i > 0; i--) {
            var shares = IntStream.rangeClosed(0, random.nextInt(2))
                    .mapToObj(role -> new Share("role-" + role, amount(random, 8), 1 + random.nextInt(3)))
                    .toList();
            waiting.add(new Waiting(JobId.next(), QueueName.DEFAULT, shares));
        }
        return new Snapshot(new Capacity(nodes), amount(random, 8), random.nextInt(4), waiting);
    }

    private static Resources amount(Random random, int most) {
        return new Resources(1000L * random.nextInt(most), 1024L * random.nextInt(most), random.nextInt(1 + most / 4));
    }
}
