package io.shusuan.scheduler.spec;

import java.util.Map;

/** What GPU feature discovery writes on nodes about their GPUs. */
public final class GpuLabels {

    /** The model of each GPU, such as {@code NVIDIA-H100-80GB-HBM3}. */
    public static final String MODEL = "nvidia.com/gpu.product";

    /** The memory of each GPU, in MiB. */
    public static final String MEMORY = "nvidia.com/gpu.memory";

    private static final double MEBIBYTES_OF_A_GB = 1e9 / (1 << 20);

    private GpuLabels() {}

    /**
     * The memory of each of a node's GPUs in GB; 0 if it does not say. Rounded, since what is sold as 80 GB has a little less than 80 GiB
     * and a little more than 80 billion bytes.
     */
    public static int gigabytes(Map<String, String> labels) {
        var mebibytes = labels.getOrDefault(MEMORY, "");
        return mebibytes.matches("[0-9]{1,9}") ? (int) Math.round(Integer.parseInt(mebibytes) / MEBIBYTES_OF_A_GB) : 0;
    }

    /** The fewest MiB that are rounded to so many GB. */
    public static long leastMebibytes(int gigabytes) {
        return (long) Math.ceil((gigabytes - 0.5) * MEBIBYTES_OF_A_GB);
    }
}
