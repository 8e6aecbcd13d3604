package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.awaiting;
import static io.shusuan.scheduler.job.TestPlatform.onNodesOf;
import static io.shusuan.scheduler.job.TestPlatform.training;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.TaskState;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.kubernetes.NeedsKubernetes;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Jobs that should run, and that somebody has suspended in Kubernetes. */
@NeedsKubernetes
class SuspendedByOthersTest extends OnRealNodes {

    private Pod only(JobId id) {
        return awaiting().until(() -> real.pods(id), found -> found.size() == 1).getFirst();
    }

    @Test
    void theyRunAgainAndHoldNothingForNothing() {
        real.node("suspended", 4, 4096, 0, Map.of("example.org/for", real.platform));
        var id = platform.submit(training("suspended", "exec sleep 1000") + onNodesOf(real));
        var first = only(id);
        real.runs(first);
        platform.reaches(id, JobState.RUNNING);

        real.suspend(id, true);

        var second = awaiting().until(() -> only(id), found -> !uid(found).equals(uid(first)));
        real.disappears(first);
        real.runs(second);
        awaiting()
                .until(() -> platform.cluster().observe(id).orElseThrow().attempts().stream()
                        .anyMatch(each -> each.uid().equals(uid(second)) && each.phase() == Attempt.Phase.RUNNING));
        awaiting().until(() -> platform.tasks(id).getFirst().state() == TaskState.RUNNING);
        assertThat(platform.job(id).state()).isEqualTo(JobState.RUNNING);
        assertThat(platform.job(id).run()).isOne();
    }

    private static String uid(Pod pod) {
        return pod.getMetadata().getUid();
    }
}
