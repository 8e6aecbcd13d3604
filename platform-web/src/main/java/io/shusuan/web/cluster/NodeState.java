package io.shusuan.web.cluster;

import io.shusuan.api.agent.NodeReport;
import io.shusuan.scheduler.job.Occupancy.Share;
import io.shusuan.scheduler.node.StandingFault;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node's agent tells.
 *
 * @param lostSince when it was last heard of; null, if it is heard now
 * @param idle how many of the GPUs that are held have done nothing for long
 * @param idleJobs who has those, as far as it is known
 * @param faults what stands against its GPUs, as it is kept
 */
record NodeState(
        NodeReport report,
        @Nullable Instant lostSince,
        List<GpuState> gpus,
        int idle,
        List<Share> idleJobs,
        List<StandingFault> faults) {

    public boolean lost() {
        return lostSince != null;
    }

    public List<GpuState.Leak> leaks() {
        return gpus.stream().flatMap(gpu -> gpu.leaks().stream()).toList();
    }

    public GpuTopology topology() {
        return GpuTopology.of(report.gpus());
    }

    public @Nullable Long cpuPercent() {
        var share = report.cpuUtilization();
        return share == null ? null : Math.round(share * 100);
    }
}
