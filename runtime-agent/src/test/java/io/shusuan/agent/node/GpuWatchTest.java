package io.shusuan.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.node.Fault.Kind;
import io.shusuan.agent.node.GpuSample.GpuProcess;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is concluded from what GPUs show over time. */
class GpuWatchTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final long GIB = 1L << 30;

    private final HandWrittenNvml node = HandWrittenNvml.with(2);
    private final List<String> problems = new ArrayList<>();
    private Instant now = START;

    @TempDir
    private Path proc;

    private GpuWatch watch() {
        return new GpuWatch(
                () -> {
                    if (!problems.isEmpty()) {
                        throw new NvmlUnavailableException(problems.removeFirst());
                    }
                    return node;
                },
                proc,
                clock(),
                Duration.ofDays(1));
    }

    private Clock clock() {
        InstantSource source = () -> now;
        return source.withZone(ZoneOffset.UTC);
    }

    private GpuStatus look(GpuWatch watch, int gpu) {
        return watch.look().gpus().get(gpu);
    }

    @Test
    void saysWhyThereAreNoGpusAndFindsThemWhenTheyCome() {
        problems.add("libnvidia-ml.so.1 cannot be loaded");
        var watch = watch();

        var without = watch.look();
        assertThat(without.problem()).contains("libnvidia-ml.so.1 cannot be loaded");
        assertThat(without.gpus()).isEmpty();

        var with = watch.look();
        assertThat(with.problem()).isEmpty();
        assertThat(with.gpus()).hasSize(2);
    }

    /** As after it was unloaded: the calls of whoever began before fail for good. */
    @Test
    void beginsAnewWhenTheDriverFails() {
        var watch = watch();
        look(watch, 0);
        node.xid(1, 79);
        look(watch, 1);
        node.driverFailure = new NvmlException("nvmlSystemGetDriverVersion", 1, "Uninitialized");

        assertThat(watch.look().problem()).contains("nvmlSystemGetDriverVersion: Uninitialized (NVML error 1)");
        assertThat(node.closed).isTrue();
        node.driverFailure = null;
        problems.add("nvmlInit_v2: Driver Not Loaded (NVML error 9)");

        assertThat(watch.look().problem()).contains("nvmlInit_v2: Driver Not Loaded (NVML error 9)");
        assertThat(watch.look().problem()).isEmpty();
        assertThat(look(watch, 1).faults()).extracting(Fault::kind).containsExactly(Kind.FATAL_XID);
    }

    @Test
    void aDriverThatTellsOfNoErrorsTellsOfTheRest() {
        node.xidFailure = new NvmlException("nvmlEventSetWait_v2", NvmlException.NOT_SUPPORTED, "Not Supported");

        var seen = watch().look();

        assertThat(seen.problem()).isEmpty();
        assertThat(seen.gpus()).hasSize(2).allMatch(gpu -> gpu.sample().isPresent());
    }

    @ParameterizedTest
    @ValueSource(ints = {48, 79, 95, 119})
    void aFatalXidStandsAlthoughItIsToldOnce(int xid) {
        var watch = watch();
        node.xid(1, xid);

        look(watch, 1);
        now = START.plusSeconds(60);
        var gpu = look(watch, 1);

        assertThat(gpu.faults()).containsExactly(new Fault(Kind.FATAL_XID, OptionalInt.of(xid), START));
        assertThat(gpu.lastXid()).hasValue(xid);
        assertThat(look(watch, 0).faults()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 31, 43, 45, 63, 94})
    void anXidOfAProgramOrThatIsMendedIsTold(int xid) {
        var watch = watch();
        node.xid(0, xid);

        var gpu = look(watch, 0);

        assertThat(gpu.faults()).isEmpty();
        assertThat(gpu.lastXid()).hasValue(xid);
    }

    @Test
    void brokenMemoryIsAFaultUntilTheGpuWasReset() {
        var watch = watch();
        node.gpu(0).uncorrected = 1;
        node.gpu(0).remapFailed = true;

        assertThat(look(watch, 0).faults())
                .extracting(Fault::kind)
                .containsExactly(Kind.UNCORRECTABLE_ECC, Kind.ROW_REMAP_FAILURE);

        node.gpu(0).uncorrected = 0;
        assertThat(look(watch, 0).faults()).extracting(Fault::kind).containsExactly(Kind.ROW_REMAP_FAILURE);
    }

    @Test
    void aGpuThatFellOffTheBusIsStillKnownAndTheOthersGoOn() {
        var watch = watch();
        look(watch, 0);
        node.gpu(0).failure = new NvmlException("nvmlDeviceGetUUID", NvmlException.GPU_IS_LOST, "GPU is lost");

        var lost = look(watch, 0);

        assertThat(lost.gpu().uuid()).isEqualTo("GPU-0");
        assertThat(lost.sample()).isEmpty();
        assertThat(lost.faults()).extracting(Fault::kind).containsExactly(Kind.LOST);
        assertThat(look(watch, 1).sample()).isPresent();

        node.gpu(0).failure = null;
        assertThat(look(watch, 0).faults()).isEmpty();
    }

    @Test
    void aCallThatFailsForOnceIsNoFault() {
        var watch = watch();
        node.gpu(0).failure = new NvmlException("nvmlDeviceGetUUID", 999, "Unknown Error");

        var unknown = look(watch, 0);

        assertThat(unknown.sample()).isEmpty();
        assertThat(unknown.faults()).isEmpty();
    }

    @Test
    void idlesSinceNothingRanOnIt() {
        var watch = watch();
        assertThat(look(watch, 0).idleSince()).isEmpty();
        now = START.plusSeconds(60);
        node.gpu(0).utilization = 0;
        look(watch, 0);
        now = START.plusSeconds(120);

        assertThat(look(watch, 0).idleSince()).contains(START.plusSeconds(60));

        node.gpu(0).utilization = 1;
        assertThat(look(watch, 0).idleSince()).isEmpty();
    }

    @Test
    void countsTheEnergyFromItsFirstLook() {
        var watch = watch();
        assertThat(look(watch, 0).energyJoules()).hasValue(0);
        node.gpu(0).energyMillijoules += 2_500;

        assertThat(look(watch, 0).energyJoules()).hasValue(2.5);
    }

    private GpuStatus.Occupant after(GpuWatch watch, Duration time, long bytes) {
        now = now.plus(time);
        var processes = node.gpu(0).processes;
        processes.clear();
        processes.add(new GpuProcess(42, OptionalLong.of(bytes)));
        return look(watch, 0).processes().getFirst();
    }

    @Test
    void memoryThatGrowsInEachOfSixPeriodsIsSuspected() {
        var watch = watch();
        after(watch, Duration.ZERO, GIB);
        for (int period = 1; period < MemoryGrowth.PERIODS; period++) {
            assertThat(after(watch, MemoryGrowth.PERIOD, GIB + period * MemoryGrowth.STEP)
                            .leak())
                    .isEmpty();
        }

        assertThat(after(watch, MemoryGrowth.PERIOD, 2 * GIB).leak()).contains(new Leak(START, GIB));
    }

    @Test
    void memoryThatStandsStillOrFallsInBetweenIsNot() {
        var watch = watch();
        long bytes = GIB;
        for (int period = 0; period < 20; period++) {
            bytes += period % 5 == 4 ? 0 : GIB;
            assertThat(after(watch, MemoryGrowth.PERIOD, bytes).leak()).isEmpty();
        }
        for (int period = 0; period < 20; period++) {
            bytes += period % 5 == 4 ? -GIB : GIB;
            assertThat(after(watch, MemoryGrowth.PERIOD, bytes).leak()).isEmpty();
        }
    }
}
