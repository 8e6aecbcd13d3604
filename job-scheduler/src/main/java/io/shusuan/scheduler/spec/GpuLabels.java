package io.shusuan.scheduler.spec;

import java.util.Map;

/** What GPU feature discovery writes on nodes about their GPUs. */
public final class GpuLabels {

    /** The model of each GPU, such as {@code NVIDIA-H100-80GB-HBM3}. */
    public static final String MODEL = "nvidia.com/gpu.product";

    /** The memory of each GPU, in MiB. */
    public static final String MEMORY = "nvidia.com/gpu.memory";

    /** Of how many seventh parts of a GPU each slice is; only on nodes whose GPUs are all cut into like slices. */
    public static final String SLICES = "nvidia.com/gpu.slices.gi";

    /** Between the model and the profile of such slices. */
    private static final String CUT_INTO = "-MIG-";

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

    /** The profile of the slices that a node's GPUs are cut into, such as {@code 1g.10gb}; empty where they are whole. */
    public static String mig(Map<String, String> labels) {
        var model = labels.getOrDefault(MODEL, "");
        var cut = model.lastIndexOf(CUT_INTO);
        return cut < 0 ? "" : model.substring(cut + CUT_INTO.length());
    }

    static String cut(String model, String profile) {
        return model + CUT_INTO + profile;
    }

    /** The fewest MiB that are rounded to so many GB. */
    public static long leastMebibytes(int gigabytes) {
        return (long) Math.ceil((gigabytes - 0.5) * MEBIBYTES_OF_A_GB);
    }
}
