package io.shusuan.web.cluster;

import io.shusuan.api.agent.NodeReport.Gpu;
import io.shusuan.scheduler.job.Occupancy.Share;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A GPU as its node's agent tells of it, and the jobs whose processes are on it.
 *
 * @param idle nothing has run on it for long although somebody has it
 */
record GpuState(Gpu gpu, List<Share> jobs, boolean idle, List<Leak> leaks) {

    private static final int WARM_STEPS = 4;

    /**
     * Memory that only grows.
     *
     * @param job whose it is, if that is known
     */
    record Leak(
            @Nullable Share job,
            int pid,
            @Nullable String command,
            Instant since,
            long fromBytes,
            @Nullable Long toBytes) {}

    public boolean unwell() {
        return !gpu.faults().isEmpty();
    }

    /** From 0 for nothing to 4 for nearly all of the time; null where the GPU does not tell. */
    public @Nullable Integer heat() {
        var busy = gpu.utilization();
        return busy == null ? null : busy == 0 ? 0 : Math.min(WARM_STEPS, 1 + busy * WARM_STEPS / 100);
    }

    /** In percent of all there is, for the bar. */
    public long memoryShare() {
        var used = gpu.memoryUsedBytes();
        var all = gpu.memoryBytes();
        return used == null || all == null || all == 0 ? 0 : Math.min(100, Math.round(100.0 * used / all));
    }
}
