package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.onNodesOf;
import static io.shusuan.scheduler.job.TestPlatform.text;
import static io.shusuan.scheduler.job.TestPlatform.training;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.shusuan.scheduler.cluster.kubernetes.NeedsKubernetes;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An elastic job as pods of a node with six cores. */
@NeedsKubernetes
class GrowingPodsTest extends OnRealNodes {

    private static String numberOfTasks(Pod pod) {
        return pod.getSpec().getContainers().getFirst().getEnv().stream()
                .filter(each -> each.getName().equals("SHUSUAN_TASK_NUMBER"))
                .map(EnvVar::getValue)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void comesAgainWithMorePodsThatKnowOfEachOther() {
        real.node("six", 6, 8192, 0, Map.of("example.org/for", real.platform));
        var other = platform.submit(text("other", "training", 3, "exec sleep 1000") + onNodesOf(real));
        var others = running(other, 1);
        var elastic =
                training("grows", "exec sleep 1000").replace("taskNumber: 1", "taskNumber: 6\n  minTaskNumber: 2");
        var id = platform.submit("restartToGrow: true\n" + elastic + onNodesOf(real));
        var few = running(id, 3);
        assertThat(few).extracting(GrowingPodsTest::numberOfTasks).containsOnly("3");

        platform.control().stop(other, "ada");
        others.forEach(this::goes);
        platform.ended(other);
        platform.startedBefore(id, Duration.ofMinutes(10));
        few.forEach(this::goes);

        var all = running(id, 6);
        assertThat(all).extracting(GrowingPodsTest::numberOfTasks).containsOnly("6");
        assertThat(platform.job(id).run()).isEqualTo(2);
    }
}
