package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.awaiting;
import static io.shusuan.scheduler.job.TestPlatform.onNodesOf;
import static io.shusuan.scheduler.job.TestPlatform.training;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobEvents;
import io.shusuan.db.job.JobState;
import io.shusuan.scheduler.cluster.Capacity.Away.Why;
import io.shusuan.scheduler.cluster.NodeMode;
import io.shusuan.scheduler.cluster.kubernetes.NeedsKubernetes;
import io.shusuan.scheduler.node.GpuFault;
import io.shusuan.scheduler.node.GpuFault.Kind;
import io.shusuan.scheduler.node.NodeHealth;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Nodes whose agents tell of GPUs that are not well. */
@NeedsKubernetes
class UnhealthyNodeTest extends OnRealNodes {

    private static final GpuFault LOST = new GpuFault("GPU-1", Kind.LOST, null, Instant.parse("2026-01-01T00:00:00Z"));
    private static final GpuFault XID =
            new GpuFault("GPU-1", Kind.FATAL_XID, 79, Instant.parse("2026-01-01T00:00:00Z"));

    @Override
    String[] settings() {
        return new String[] {"--shusuan.nodes.cordon-unhealthy=true"};
    }

    private NodeHealth health() {
        return platform.bean(NodeHealth.class);
    }

    @Test
    void aNodeIsCordonedOnceForEachFaultAndItsJobsAreTold() throws Exception {
        var node = real.node("gpu", 4, 4096, 0, Map.of("example.org/for", real.platform));
        var id = platform.submit(training("stays", "exec sleep 1000") + onNodesOf(real));
        running(id, 1);

        health().reported(node, List.of(LOST));

        awaiting().until(() -> seen(node).away() == Why.CORDONED);
        assertThat(platform.bean(JobEvents.class).of(id, 0, 100))
                .anyMatch(event -> event.reason().equals("NodeUnhealthy")
                        && event.message()
                                .equals("node %s takes no more work: GPU-1 has fallen off the bus".formatted(node)));
        assertThat(platform.job(id).state()).isEqualTo(JobState.RUNNING);
        assertThat(health().standing().get(node))
                .singleElement()
                .satisfies(fault -> assertThat(fault.cordonedAt()).isNotNull());

        platform.bean(NodeControl.class).setMode(node, NodeMode.OPEN, false, "root");
        awaiting().until(() -> seen(node).away() == null);
        health().reported(node, List.of(LOST));
        assertThat(seen(node).away()).isNull();

        health().reported(node, List.of(LOST, XID));
        awaiting().until(() -> seen(node).away() == Why.CORDONED);
    }
}
