package io.shusuan.agent.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shusuan.agent.node.GpuDescription.MigInstance;
import io.shusuan.agent.node.GpuDescription.Pcie;
import io.shusuan.agent.node.GpuPlace.GpuPath;
import io.shusuan.agent.node.GpuPlace.Level;
import io.shusuan.agent.node.GpuSample.Ecc;
import io.shusuan.agent.node.GpuSample.GpuProcess;
import io.shusuan.agent.node.GpuSample.Memory;
import io.shusuan.agent.node.GpuSample.RemappedRows;
import io.shusuan.agent.node.Nvml.Driver;
import io.shusuan.agent.node.Nvml.Xid;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The binding to NVML's C functions, called over C's own calling convention. */
class SystemNvmlTest {
    private final FakeLibrary library;

    SystemNvmlTest() throws Exception {
        library = new FakeLibrary();
    }

    @AfterEach
    void free() {
        library.close();
    }

    @Test
    void readsWhatAGpuIs() throws Exception {
        try (var nvml = SystemNvml.open(library)) {
            assertThat(nvml.driver()).isEqualTo(new Driver("580.65.06", "13.1"));
            assertThat(nvml.count()).isEqualTo(2);
            assertThat(nvml.describe(0))
                    .isEqualTo(new GpuDescription(
                            0,
                            OptionalInt.of(4),
                            "GPU-1000",
                            "NVIDIA H100 80GB HBM3",
                            "HOPPER",
                            "9.0",
                            "00000000:3B:00.0",
                            Optional.of(new Pcie(5, 16)),
                            false,
                            List.of(),
                            List.of("00000000:C0:00.0", "00000000:C1:00.0"),
                            new GpuPlace("1", "0-3,8-11,64", List.of(new GpuPath(1, Level.NODE)))));
        }
    }

    @Test
    void readsTheInstancesThatAGpuIsCutInto() throws Exception {
        try (var nvml = SystemNvml.open(library)) {
            var gpu = nvml.describe(1);

            assertThat(gpu.migEnabled()).isTrue();
            assertThat(gpu.nvlinks()).isEmpty();
            assertThat(gpu.place()).isEqualTo(new GpuPlace("", "", List.of(new GpuPath(0, Level.NODE))));
            assertThat(gpu.mig())
                    .containsExactly(
                            new MigInstance("GPU-2100", "NVIDIA A100-SXM4-40GB MIG 1g.5gb", 5L << 30),
                            new MigInstance("GPU-2102", "NVIDIA A100-SXM4-40GB MIG 1g.5gb", 5L << 30));
        }
    }

    @Test
    void tellsNoPathToAGpuThatCannotBeOpened() throws Exception {
        library.secondHandleCode = NvmlException.GPU_IS_LOST;
        try (var nvml = SystemNvml.open(library)) {
            assertThat(nvml.describe(0).place().paths()).isEmpty();
        }
    }

    @Test
    void readsHowAGpuDoes() throws Exception {
        try (var nvml = SystemNvml.open(library)) {
            assertThat(nvml.sample(0))
                    .isEqualTo(new GpuSample(
                            OptionalInt.of(97),
                            OptionalInt.of(40),
                            Optional.of(new Memory(80L << 30, 60L << 30, 19L << 30)),
                            OptionalInt.of(61),
                            OptionalInt.of(512_345),
                            OptionalInt.of(700_000),
                            OptionalLong.of(5_000_000_000L),
                            OptionalInt.of(1980),
                            OptionalInt.of(2619),
                            Optional.of(new Ecc(7, 1)),
                            Optional.of(new RemappedRows(3, 1, true, false)),
                            List.of(
                                    new GpuProcess(4711, OptionalLong.of(30L << 30)),
                                    new GpuProcess(4712, OptionalLong.empty()))));
        }
    }

    @Test
    void leavesOutWhatAGpuOrAnOlderDriverDoesNotTell() throws Exception {
        library.missing.add("nvmlDeviceGetMemoryInfo_v2");
        library.missing.add("nvmlDeviceGetRemappedRows");
        try (var nvml = SystemNvml.open(library)) {
            var sample = nvml.sample(1);

            assertThat(sample.utilization()).isEmpty();
            assertThat(sample.powerLimitMilliwatts()).isEmpty();
            assertThat(sample.remappedRows()).isEmpty();
            assertThat(sample.processes()).isEmpty();
            assertThat(sample.memory()).contains(new Memory(5L << 30, 2L << 30, 3L << 30));
        }
    }

    @Test
    void tellsEachErrorOfAGpuOnce() throws Exception {
        try (var nvml = SystemNvml.open(library)) {
            library.events.add(new long[] {FakeLibrary.A100, 8, 79});
            library.events.add(new long[] {FakeLibrary.H100, 2, 1});
            library.events.add(new long[] {FakeLibrary.H100, 8, 31});

            assertThat(nvml.newXids()).containsExactly(new Xid(1, 79), new Xid(0, 31));
            assertThat(nvml.newXids()).isEmpty();
        }
    }

    @Test
    void beginsAndEndsWithTheLibraryOnce() throws Exception {
        SystemNvml.open(library).close();

        assertThat(library.calls)
                .containsExactly(
                        "init",
                        "register 1000 for 8 in 3000",
                        "register 2000 for 8 in 3000",
                        "free events",
                        "shutdown");
    }

    @Test
    void saysWhichCallFailedAndWhy() throws Exception {
        library.secondHandleCode = NvmlException.GPU_IS_LOST;
        library.sampleCode = 999;
        try (var nvml = SystemNvml.open(library)) {
            assertThatThrownBy(() -> nvml.describe(1))
                    .isInstanceOf(NvmlException.class)
                    .hasMessage("nvmlDeviceGetHandleByIndex_v2: GPU is lost (NVML error 15)");
            assertThatThrownBy(() -> nvml.sample(0))
                    .hasMessage("nvmlDeviceGetUtilizationRates: Unknown Error (NVML error 999)");
        }
    }

    @Test
    void aDriverThatIsNotLoadedIsNamed() {
        library.initCode = 9;

        assertThatThrownBy(() -> SystemNvml.open(library))
                .isInstanceOf(NvmlUnavailableException.class)
                .hasMessage(
                        "nvmlInit_v2: Driver Not Loaded (NVML error 9). nvidia-smi on this machine says the same; mend the driver first");
    }
}
