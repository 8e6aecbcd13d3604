package io.shusuan.agent.node;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a GPU is.
 *
 * @param minor the number in its device file's name, {@code /dev/nvidiaN}
 * @param architecture NVIDIA's name of it, such as HOPPER
 * @param computeCapability such as 9.0
 * @param pciBusId domain:bus:device.function
 * @param mig the instances it is cut into; none where it is not
 * @param nvlinks the PCI bus id of what each active NVLink leads to
 */
public record GpuDescription(
        int index,
        OptionalInt minor,
        String uuid,
        String name,
        String architecture,
        String computeCapability,
        String pciBusId,
        Optional<Pcie> pcie,
        boolean migEnabled,
        List<MigInstance> mig,
        List<String> nvlinks,
        GpuPlace place) {
    public GpuDescription {
        mig = List.copyOf(mig);
        nvlinks = List.copyOf(nvlinks);
    }

    /** One that has not answered since the agent began to look. */
    static GpuDescription unknown(int index) {
        return new GpuDescription(
                index,
                OptionalInt.empty(),
                "",
                "",
                "",
                "",
                "",
                Optional.empty(),
                false,
                List.of(),
                List.of(),
                GpuPlace.UNKNOWN);
    }

    /** The link to the machine as it is now: GPUs that idle narrow it. */
    public record Pcie(int generation, int width) {}

    /** A part of a GPU that programs see as a GPU. */
    public record MigInstance(String uuid, String name, long memoryBytes) {}
}
