package io.shusuan.agent.node;

import io.shusuan.agent.node.Nvml.Driver;
import java.util.List;
import java.util.Optional;

/**
 * The GPUs of the machine at a moment.
 *
 * @param problem why there are none, or none can be seen
 */
public record GpuReport(Optional<String> problem, Optional<Driver> driver, List<GpuStatus> gpus) {

    /** Before the first look. */
    static final GpuReport NOT_YET = without("the GPUs have not been looked at yet");

    public GpuReport {
        gpus = List.copyOf(gpus);
    }

    static GpuReport without(String problem) {
        return new GpuReport(Optional.of(problem), Optional.empty(), List.of());
    }
}
