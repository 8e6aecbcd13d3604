package io.shusuan.web.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.api.agent.AgentRegistry.Known;
import io.shusuan.api.agent.AgentReport;
import io.shusuan.api.agent.NodeReport;
import io.shusuan.api.agent.NodeReport.Gpu;
import io.shusuan.api.agent.NodeReport.GpuProcess;
import io.shusuan.api.agent.NodeReport.Growth;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.job.Occupancy.Share;
import io.shusuan.scheduler.job.Occupancy.Taken;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is concluded from what a node's agent tells and who has what of the node. */
class NodeStatesTest {

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final Instant LONG_AGO = NOW.minus(Duration.ofMinutes(30));

    private final Share train = new Share(JobId.next(), "train", "wei", "vision", 1, new Resources(1000, 64, 2));
    private final Share tune = new Share(JobId.next(), "tune", "ada", "speech", 1, new Resources(1000, 64, 1));

    private static Gpu gpu(
            int index, @Nullable Integer utilization, @Nullable Instant idleSince, GpuProcess... processes) {
        return new Gpu(
                index,
                "GPU-" + index,
                "H100",
                null,
                null,
                null,
                null,
                null,
                false,
                List.of(),
                List.of(),
                null,
                null,
                List.of(),
                utilization,
                80L,
                60L,
                61,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                idleSince,
                List.of(),
                List.of(processes));
    }

    private static GpuProcess inPod(String pod, @Nullable String job) {
        return new GpuProcess(1, 5L, "python", job, pod, null, null);
    }

    private static GpuProcess outside(String job, @Nullable Growth growing) {
        return new GpuProcess(2, 9L, "python", job, null, null, growing);
    }

    /** A node with four GPUs. */
    private NodeState state(List<Share> shares, Gpu... gpus) {
        var node = new Capacity.Node(
                "gpu-1", Map.of(), Set.of(), new Resources(64_000, 65_536, 4), new Resources(0, 0, 0), 110);
        var report = new NodeReport("gpu-1", null, null, null, null, null, null, null, List.of(gpus), List.of());
        var agent = new AgentReport(
                UUID.randomUUID(), "h", "1", NOW, null, report, Map.of(), List.of(), List.of(), List.of());
        return NodeStates.state(
                new Taken(node, null, shares),
                new Known(agent, NOW, false),
                Map.of("pod-of-train", train.job()),
                List.of(),
                NOW);
    }

    @Test
    void aProcessIsOfTheJobOfItsPodWhateverItsEnvironmentSays() {
        var state = state(
                List.of(train, tune),
                gpu(0, 90, null, inPod("pod-of-train", tune.job().toString())));

        assertThat(state.gpus().getFirst().jobs()).containsExactly(train);
    }

    @Test
    void aProcessOutsideOfPodsIsOfTheJobItNamesIfThatIsOnTheNode() {
        assertThat(state(List.of(tune), gpu(0, 90, null, outside(tune.job().toString(), null)))
                        .gpus()
                        .getFirst()
                        .jobs())
                .containsExactly(tune);
        assertThat(state(List.of(tune), gpu(0, 90, null, outside(train.job().toString(), null)))
                        .gpus()
                        .getFirst()
                        .jobs())
                .isEmpty();
    }

    @Test
    void gpusThatAreHeldAndDoNothingAreCountedAndNamed() {
        var state = state(
                List.of(train, tune),
                gpu(0, 90, null),
                gpu(1, 0, LONG_AGO, inPod("pod-of-train", null)),
                gpu(2, 0, LONG_AGO),
                gpu(3, 0, NOW.minusSeconds(30)));

        assertThat(state.idle()).isOne();
        assertThat(state.idleJobs()).containsExactly(train);
        assertThat(state.gpus()).extracting(GpuState::idle).containsExactly(false, true, false, false);
    }

    @Test
    void aGpuWithAProcessIsHeldEvenIfOthersAreLost() {
        var state = state(
                List.of(train),
                gpu(0, 0, LONG_AGO, inPod("pod-of-train", null)),
                gpu(1, 0, LONG_AGO, inPod("pod-of-train", null)),
                gpu(2, 0, LONG_AGO),
                gpu(3, null, null));

        assertThat(state.idle()).isEqualTo(2);
        assertThat(state.idleJobs()).containsExactly(train);
    }

    @Test
    void whereAllThatIsHeldIdlesItIsEverybodys() {
        var state = state(
                List.of(train, tune),
                gpu(0, 0, LONG_AGO),
                gpu(1, 0, LONG_AGO),
                gpu(2, 0, LONG_AGO),
                gpu(3, 0, LONG_AGO));

        assertThat(state.idle()).isEqualTo(3);
        assertThat(state.idleJobs()).containsExactly(train, tune);
    }

    @Test
    void freeGpusMayIdle() {
        assertThat(state(List.of(), gpu(0, 0, LONG_AGO), gpu(1, 0, LONG_AGO)).idle())
                .isZero();
    }

    @Test
    void aSuspectedLeakHasTheNameOfItsJob() {
        var growing = new Growth(LONG_AGO, 4);

        var leak = state(List.of(tune), gpu(0, 90, null, outside(tune.job().toString(), growing)))
                .leaks()
                .getFirst();

        assertThat(leak).isEqualTo(new GpuState.Leak(tune, 2, "python", LONG_AGO, 4, 9L));
    }

    @Test
    void heatRisesWithUtilization() {
        var state = state(List.of(), gpu(0, null, null), gpu(1, 0, null), gpu(2, 1, null), gpu(3, 100, null));

        assertThat(state.gpus()).extracting(GpuState::heat).containsExactly(null, 0, 1, 4);
    }
}
