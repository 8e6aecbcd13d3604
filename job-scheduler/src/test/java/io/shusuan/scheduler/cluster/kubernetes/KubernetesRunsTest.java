package io.shusuan.scheduler.cluster.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.micrometer.core.instrument.Timer;
import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Attempt.Phase;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.TaskPort;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Jobs that were evicted and run anew, in the real API server. */
@NeedsKubernetes
class KubernetesRunsTest {

    private static final Duration GRACE = Duration.ofSeconds(60);

    private static RealCluster real;
    private static KubernetesCluster cluster;

    @BeforeAll
    static void start() {
        real = new RealCluster();
        cluster = real.connect();
    }

    @AfterAll
    static void end() {
        real.close();
    }

    private static Workload laterRun(Workload former) {
        return new Workload(
                former.job(),
                former.run() + 1,
                former.grace(),
                former.spec(),
                former.owner(),
                former.artifactSources(),
                former.extraEnv(),
                former.placement(),
                null);
    }

    private static Pod only(Workload workload) {
        return real.awaitPods(workload, 1).getFirst();
    }

    @Test
    void aLaterRunHasObjectsOfItsOwnWhileTheFormerOnesStillGo() throws Exception {
        var node = real.node("evicting", 4, 4096, 0);
        var first = Workloads.training("evicted")
                .role("main", 1, new Resources(1000, 64, 0), "true", Workloads.IMAGE)
                .on(node, "main", 1)
                .grace(GRACE)
                .make();
        cluster.apply(first);
        var pod = await().until(() -> only(first), found -> found.getSpec().getNodeName() != null);
        assertThat(pod.getMetadata().getLabels()).doesNotContainKey(Labels.RUN);
        real.runs(pod);
        real.awaitAttempt(cluster, first.job(), attempt -> attempt.phase() == Phase.RUNNING);
        real.hold(pod, true);
        real.stop(cluster, first, GRACE);
        await().until(() -> real.pod(pod).orElseThrow().getMetadata().getDeletionTimestamp() != null);
        assertThat(real.pod(pod).orElseThrow().getMetadata().getDeletionGracePeriodSeconds())
                .isEqualTo(GRACE.toSeconds());
        real.ends(pod, 143, "Error");
        var over = real.awaitAttempt(cluster, first.job(), attempt -> attempt.phase() == Phase.FAILED);
        assertThat(over.run()).isEqualTo(1);

        var second = laterRun(first);
        cluster.apply(second);
        cluster.apply(second);
        var anew = only(second);
        assertThat(anew.getMetadata().getLabels()).containsEntry(Labels.RUN, "2");
        assertThat(anew.getMetadata().getName())
                .startsWith(Names.workload(first.spec().name(), first.job(), 2, "main"))
                .doesNotStartWith(RealCluster.name(first, "main") + "-");
        real.runs(anew);
        real.awaitAttempt(cluster, first.job(), attempt -> attempt.run() == 2 && attempt.phase() == Phase.RUNNING);
        assertThat(cluster.observe(first.job()).orElseThrow().ofRun(2).attempts())
                .singleElement()
                .extracting(Attempt::number)
                .isEqualTo(2);
        real.hold(pod, false);
        real.stop(cluster, first, Duration.ZERO);
        await().until(() -> real.pod(anew)
                .map(found -> found.getMetadata().getDeletionTimestamp() != null)
                .orElse(true));
    }

    @Test
    void ofFormerRunsOnlyTheLastOneStaysThere() throws Exception {
        var first = Workloads.training("again").role("main", 1).make();
        var second = laterRun(first);
        var third = laterRun(second);
        for (var each : List.of(first, second)) {
            cluster.apply(each);
            var pod =
                    await().until(() -> ofRun(each), found -> found.size() == 1).getFirst();
            real.ends(pod, 1, "Error"); // it stays, for its log
            real.awaitAttempt(cluster, each.job(), seen -> seen.run() == each.run() && seen.phase() == Phase.FAILED);
            real.stop(cluster, each, Duration.ZERO);
            real.awaitObservation(cluster, each.job(), seen -> seen.isHalted(each.run()));
        }
        assertThat(runs(second)).containsExactlyInAnyOrder(1, 2);
        cluster.apply(third);
        await().untilAsserted(() -> assertThat(runs(third)).containsExactlyInAnyOrder(2, 3));
        await().untilAsserted(() ->
                assertThat(real.pods(third)).extracting(Labels::run).containsExactlyInAnyOrder(2, 3));
        cluster.apply(third);
        assertThat(cluster.observe(third.job()).orElseThrow().attempts())
                .extracting(Attempt::run)
                .contains(1, 2);
    }

    private static List<Pod> ofRun(Workload workload) {
        return real.pods(workload).stream()
                .filter(each -> Labels.run(each) == workload.run())
                .toList();
    }

    private static List<Integer> runs(Workload workload) {
        return real.jobs(workload.job()).stream().map(Labels::run).toList();
    }

    @Test
    void toStopWhatIsStoppedAsksNothingUntilSomethingOfItMayRun() throws Exception {
        var first = Workloads.training("stopped").role("main", 1).make();
        cluster.apply(first);
        only(first);
        real.stop(cluster, first, Duration.ZERO);
        real.awaitObservation(cluster, first.job(), seen -> seen.isHalted(1));
        await().until(() -> real.pods(first).isEmpty());
        long before = stops();
        cluster.stop(first.job(), Duration.ZERO);
        cluster.stop(first.job(), Duration.ZERO);
        assertThat(stops()).isEqualTo(before);

        real.suspend(first.job(), false);
        real.awaitObservation(cluster, first.job(), seen -> !seen.isHalted(1));
        cluster.stop(first.job(), Duration.ZERO);
        real.awaitObservation(cluster, first.job(), seen -> seen.isHalted(1));

        cluster.apply(laterRun(first));
        cluster.stop(first.job(), Duration.ZERO); // perhaps before a watch has told of what was applied
        assertThat(real.jobs(first.job()))
                .hasSize(2)
                .allSatisfy(each -> assertThat(each.getSpec().getSuspend()).isTrue());
    }

    /** Nobody owns this pod, as if the controller of Jobs never came to it. */
    @Test
    void thePodsOfAJobThatIsStoppedGoBeforeItsControllerHasHeardOfIt() throws Exception {
        var workload = Workloads.training("hurried").role("main", 1).make();
        cluster.apply(workload);
        var made = only(workload);
        var like = new PodBuilder(made).withStatus(null);
        real.client
                .resource(like.editMetadata()
                        .withName("unowned")
                        .withUid(null)
                        .withResourceVersion(null)
                        .withGenerateName(null)
                        .withFinalizers()
                        .withOwnerReferences()
                        .removeFromLabels("batch.kubernetes.io/controller-uid") // or it would be adopted
                        .removeFromLabels("controller-uid")
                        .endMetadata()
                        .editSpec()
                        .withNodeName(null)
                        .addToNodeSelector("nowhere", "true")
                        .endSpec()
                        .build())
                .create();
        real.awaitObservation(cluster, workload.job(), seen -> seen.attempts().size() == 2);
        cluster.stop(workload.job(), Duration.ofSeconds(10));
        await().until(() -> real.pods(workload).isEmpty());
    }

    private static long stops() {
        return real.meters.get("shusuan.kubernetes.calls").tag("operation", "stop").timers().stream()
                .mapToLong(Timer::count)
                .sum();
    }

    @Test
    void whatSomebodyHasSuspendedRunsWhenItIsAppliedAgain() throws Exception {
        var meant = Workloads.training("suspended").role("main", 1).make();
        cluster.apply(meant);
        only(meant);
        suspendAndAwaitIt(meant);
        cluster.apply(meant);
        only(meant);
        real.awaitObservation(cluster, meant.job(), seen -> !seen.isHalted(1));

        // What another version of the platform tells its tasks, a Job that is there does not take; it runs as it is.
        var reworded = Workloads.training("suspended")
                .of(meant.job())
                .env("VERSION", "2")
                .role("main", 1)
                .make();
        suspendAndAwaitIt(reworded);
        cluster.apply(reworded);
        assertThat(only(reworded).getSpec().getContainers().getFirst().getEnv().toString())
                .doesNotContain("VERSION");
    }

    private static void suspendAndAwaitIt(Workload workload) {
        real.suspend(workload.job(), true);
        await().until(() -> real.pods(workload).isEmpty());
        real.awaitObservation(cluster, workload.job(), seen -> seen.isHalted(1));
    }

    @Test
    void theServiceOfALaterRunIsTheSame() throws Exception {
        var first = Workloads.inference("serves")
                .role("server", 1, new TaskPort("http", 8000))
                .make();
        cluster.apply(first);
        only(first);
        real.stop(cluster, first, Duration.ZERO);
        await().until(() -> real.pods(first).isEmpty());
        var second = laterRun(first);
        cluster.apply(second);
        assertThat(only(second).getMetadata().getLabels()).containsEntry(Labels.RUN, "2");
        var service = real.client
                .services()
                .inNamespace(real.namespace(first))
                .withName(RealCluster.name(first, "server"))
                .require();
        assertThat(service.getSpec().getSelector()).doesNotContainKey(Labels.RUN);
    }
}
