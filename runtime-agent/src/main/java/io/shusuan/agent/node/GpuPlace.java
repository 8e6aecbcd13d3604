package io.shusuan.agent.node;

import java.util.List;

/**
 * Where a GPU sits in its machine.
 *
 * @param numaNodes those whose memory is nearest, such as {@code 0}; empty where that is not told
 * @param cpus those that are nearest, such as {@code 0-23,48-71}; empty where that is not told
 * @param paths to the machine's other GPUs
 */
public record GpuPlace(String numaNodes, String cpus, List<GpuPath> paths) {

    static final GpuPlace UNKNOWN = new GpuPlace("", "", List.of());

    public GpuPlace {
        paths = List.copyOf(paths);
    }

    /**
     * The way to another GPU over PCIe.
     *
     * @param gpu the index of the other
     */
    public record GpuPath(int gpu, Level level) {}

    /** How far up two GPUs meet, by the names that {@code nvidia-smi topo -m} has for it, nearest first. */
    public enum Level {
        /** On one board. */
        INTERNAL(0),
        /** At a PCIe switch. */
        PIX(10),
        /** Over several PCIe switches, and not over the host's bridge. */
        PXB(20),
        /** At the host's bridge. */
        PHB(30),
        /** Over several host bridges of one NUMA node. */
        NODE(40),
        /** Over the link between NUMA nodes. */
        SYS(50);

        /** Its {@code nvmlGpuTopologyLevel_t}. */
        final int code;

        Level(int code) {
            this.code = code;
        }
    }
}
