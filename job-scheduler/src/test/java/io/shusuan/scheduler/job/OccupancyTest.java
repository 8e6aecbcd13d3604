package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.awaiting;
import static io.shusuan.scheduler.job.TestPlatform.onNodesOf;
import static io.shusuan.scheduler.job.TestPlatform.training;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.cluster.Capacity.Away.Why;
import io.shusuan.scheduler.cluster.kubernetes.NeedsKubernetes;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who has what of real nodes. */
@NeedsKubernetes
class OccupancyTest extends OnRealNodes {

    @Test
    void whoIsOnANodeKeepsItsShareWhenTheNodeTakesNoMoreWork() throws Exception {
        var node = real.node("occupied", 4, 4096, 0, Map.of("example.org/for", real.platform));
        var id = platform.submit(training("occupies", "exec sleep 1000") + onNodesOf(real));
        awaiting().until(() -> seen(node).shares().size() == 1);
        assertThat(seen(node).away()).isNull();

        real.cordon(node);

        awaiting().until(() -> seen(node).away() == Why.CORDONED);
        assertThat(seen(node).shares()).singleElement().satisfies(share -> {
            assertThat(share.job()).isEqualTo(id);
            assertThat(share.resources()).isEqualTo(new Resources(1000, 64, 0));
        });
        assertThat(seen(node).held()).isEqualTo(new Resources(1000, 64, 0));
        assertThat(platform.bean(Occupancy.class).nodes().getLast().away()).isNotNull();
    }
}
