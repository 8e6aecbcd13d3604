package io.shusuan.agent.backend.tensorrt;

import java.util.List;
import java.util.stream.Collectors;

/** What was found on this machine. */
record Versions(String tensorRt, String cuda, String driver, List<Gpu> gpus) {
    Versions {
        gpus = List.copyOf(gpus);
    }

    record Gpu(int number, int major, int minor) {
        /** As compilers name it: {@code sm_90}. */
        String architecture() {
            return "sm_" + major + minor;
        }
    }

    /** The same from what NVML says, {@code 9.0}. */
    static String architecture(String computeCapability) {
        return "sm_" + computeCapability.replace(".", "");
    }

    @Override
    public String toString() {
        return tensorRt + " (CUDA " + cuda + ", driver " + driver + ", "
                + gpus.stream()
                        .map(gpu -> "GPU " + gpu.number() + " " + gpu.architecture())
                        .collect(Collectors.joining(", "))
                + ")";
    }
}
