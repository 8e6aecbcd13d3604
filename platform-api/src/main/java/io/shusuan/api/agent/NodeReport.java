package io.shusuan.api.agent;

import io.shusuan.scheduler.node.GpuFault;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node agent tells of its node. What the machine does not tell is left out.
 *
 * @param name the node's name in the cluster
 * @param cpuUtilization of all cores, from 0 to 1
 * @param gpuProblem why there are no GPUs, or none can be seen
 * @param driver the version of NVIDIA's driver
 * @param cuda the newest CUDA that it runs
 * @param engines those that it keeps built for models that others serve
 */
public record NodeReport(
        String name,
        @Nullable Integer cores,
        @Nullable Double cpuUtilization,
        @Nullable Long memoryBytes,
        @Nullable Long memoryUsedBytes,
        @Nullable String gpuProblem,
        @Nullable String driver,
        @Nullable String cuda,
        List<Gpu> gpus,
        List<Engine> engines) {

    public NodeReport {
        gpus = gpus == null ? List.of() : List.copyOf(gpus);
        engines = engines == null ? List.of() : List.copyOf(engines);
    }

    /** Which GPUs are not well, of a report without mistakes. */
    List<GpuFault> faults() {
        return gpus.stream()
                .flatMap(gpu -> gpu.faults().stream()
                        .map(fault -> new GpuFault(
                                gpu.key(), GpuFault.Kind.valueOf(fault.kind()), fault.xid(), fault.since())))
                .toList();
    }

    /**
     * A TensorRT engine that the node keeps built.
     *
     * @param architecture of the GPUs it is for, such as sm_90
     * @param state READY, WAITING, BUILDING, REJECTED or FAILED
     * @param reason why it is not there
     */
    @Schema(name = "NodeEngine")
    public record Engine(
            String model,
            long version,
            String architecture,
            String state,
            @Nullable String reason) {}

    /**
     * A GPU.
     *
     * @param uuid missing, if it has not answered since the agent was started
     * @param nvlinks the PCI bus id of what each NVLink leads to
     * @param numaNodes those whose memory is nearest, such as 0
     * @param cpus those that are nearest, such as 0-23,48-71
     * @param paths to the other GPUs over PCIe
     * @param utilization percent of the last moments in which anything ran on it
     * @param lastXid the last error that the driver told of it
     * @param idleSince nothing has run on it since then
     */
    @Schema(name = "NodeGpu")
    public record Gpu(
            int index,
            @Nullable String uuid,
            @Nullable String name,
            @Nullable String architecture,
            @Nullable String computeCapability,
            @Nullable String pciBusId,
            @Nullable Integer pcieGeneration,
            @Nullable Integer pcieWidth,
            boolean migEnabled,
            List<MigInstance> migInstances,
            List<String> nvlinks,
            @Nullable String numaNodes,
            @Nullable String cpus,
            List<Path> paths,
            @Nullable Integer utilization,
            @Nullable Long memoryBytes,
            @Nullable Long memoryUsedBytes,
            @Nullable Integer temperature,
            @Nullable Double powerWatts,
            @Nullable Double powerLimitWatts,
            @Nullable Integer smClockMhz,
            @Nullable Integer memoryClockMhz,
            @Nullable Long eccCorrected,
            @Nullable Long eccUncorrected,
            @Nullable Integer lastXid,
            @Nullable Instant idleSince,
            List<Fault> faults,
            List<GpuProcess> processes) {

        public Gpu {
            migInstances = migInstances == null ? List.of() : List.copyOf(migInstances);
            nvlinks = nvlinks == null ? List.of() : List.copyOf(nvlinks);
            paths = paths == null ? List.of() : List.copyOf(paths);
            faults = faults == null ? List.of() : List.copyOf(faults);
            processes = processes == null ? List.of() : List.copyOf(processes);
        }

        /** What names it among all GPUs, or at least on its node. */
        public String key() {
            return uuid == null ? "GPU " + index : uuid;
        }
    }

    /**
     * The way from one GPU to another.
     *
     * @param gpu the index of the other
     * @param level where they meet, as nvidia-smi topo names it: PIX, PXB, PHB, NODE or SYS; INTERNAL on one board
     */
    @Schema(name = "GpuPath")
    public record Path(int gpu, String level) {}

    /** A part of a GPU that programs see as a GPU. */
    @Schema(name = "MigInstance")
    public record MigInstance(String uuid, @Nullable String name, long memoryBytes) {}

    /**
     * Why a GPU is not well.
     *
     * @param kind FATAL_XID, UNCORRECTABLE_ECC, ROW_REMAP_FAILURE, LOST or RESET_REQUIRED
     */
    @Schema(name = "GpuFault")
    public record Fault(String kind, @Nullable Integer xid, Instant since) {}

    /**
     * A process on a GPU.
     *
     * @param job the platform's job that its environment names
     * @param pod the uid of its pod
     * @param growing missing, unless its memory only grows
     */
    @Schema(name = "GpuProcess")
    public record GpuProcess(
            int pid,
            @Nullable Long memoryBytes,
            @Nullable String command,
            @Nullable String job,
            @Nullable String pod,
            @Nullable String container,
            @Nullable Growth growing) {}

    /** Memory that has grown in every period since then. */
    @Schema(name = "MemoryGrowth")
    public record Growth(Instant since, long fromBytes) {}
}
