package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.awaiting;
import static io.shusuan.scheduler.job.TestPlatform.onNodesOf;
import static io.shusuan.scheduler.job.TestPlatform.training;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.scheduler.cluster.Capacity.Away.Why;
import io.shusuan.scheduler.cluster.NodeMode;
import io.shusuan.scheduler.cluster.kubernetes.NeedsKubernetes;
import io.shusuan.scheduler.sharing.SharingRefusedException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Nodes that an administrator closes, opens and has emptied. */
@NeedsKubernetes
class DrainTest extends OnRealNodes {

    private NodeControl control() {
        return platform.bean(NodeControl.class);
    }

    private Optional<String> nodeOf(JobId id) throws Exception {
        return platform.bean(Occupancy.class).nodes().stream()
                .filter(node ->
                        node.shares().stream().anyMatch(share -> share.job().equals(id)))
                .map(node -> node.node().name())
                .findFirst();
    }

    @Test
    void theJobsOfADrainedNodeLeaveWholeAndRunElsewhere() throws Exception {
        var nodes = List.of(
                real.node("one", 4, 4096, 0, Map.of("example.org/for", real.platform)),
                real.node("other", 4, 4096, 0, Map.of("example.org/for", real.platform)));
        var id = platform.submit(training("moves", "exec sleep 1000") + onNodesOf(real));
        var pod = running(id, 1).getFirst();
        var before = nodeOf(id).orElseThrow();
        var elsewhere =
                nodes.stream().filter(node -> !node.equals(before)).findFirst().orElseThrow();

        assertThatThrownBy(() -> control().setMode(before, NodeMode.DRAINING, false, "root"))
                .isInstanceOf(SharingRefusedException.class)
                .hasMessageContaining("1 job(s) have tasks on node " + before)
                .hasMessageContaining("confirm=true");
        assertThat(seen(before).away()).isNull();
        control().setMode(before, NodeMode.DRAINING, true, "root");

        awaiting().until(() -> seen(before).away() == Why.DRAINING);
        goes(pod);
        awaiting().until(() -> nodeOf(id).equals(Optional.of(elsewhere)));
        assertThat(platform.job(id).run()).isEqualTo(2);
        assertThat(platform.bean(JdbcClient.class)
                        .sql("select cause from evictions where job_id = ?")
                        .param(id.value())
                        .query(String.class)
                        .single())
                .isEqualTo("NODE_DRAINED");

        control().setMode(before, NodeMode.OPEN, false, "root");
        awaiting().until(() -> seen(before).away() == null);
    }

    @Test
    void aCordonedNodeTakesNothingAndWhatIsThereStays() throws Exception {
        var node = real.node("closed", 4, 4096, 0, Map.of("example.org/for", real.platform));
        var first = platform.submit(training("stays", "exec sleep 1000") + onNodesOf(real));
        running(first, 1);

        control().setMode(node, NodeMode.CORDONED, false, "root");
        awaiting().until(() -> seen(node).away() == Why.CORDONED);
        var second = platform.submit(training("waits", "exec sleep 1000") + onNodesOf(real));
        awaiting().until(() -> platform.job(second).reason() != null);
        assertThat(platform.job(second).state()).isEqualTo(JobState.QUEUED);
        assertThat(nodeOf(first)).contains(node);

        control().setMode(node, NodeMode.OPEN, false, "root");
        awaiting().until(() -> nodeOf(second).equals(Optional.of(node)));
        assertThat(platform.job(first).run()).isOne();
    }

    @Test
    void aNodeThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> control().setMode("nowhere", NodeMode.CORDONED, false, "root"))
                .isInstanceOf(JobNotFoundException.class)
                .hasMessage("there is no node 'nowhere'");
    }
}
