package io.shusuan.scheduler.cluster.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.Delegate.Scheduler;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.Standing;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.TaskPort;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Jobs that are handed to Volcano or KAI: their definitions are the published ones, and the test does what their schedulers do. */
@NeedsKubernetes
@SuppressWarnings("NullAway.Init") // each test installs the one that it is about
class PodGroupsTest {

    private final RealCluster real = new RealCluster();
    private InstalledPodGroups installed;
    private KubernetesCluster cluster;
    private String prefix;

    private void install(Scheduler scheduler) throws Exception {
        installed = new InstalledPodGroups(scheduler, real);
        cluster = real.connect();
        prefix = scheduler == Scheduler.VOLCANO ? "Volcano" : "Kai";
    }

    @AfterEach
    void remove() {
        installed.close();
        real.close();
    }

    private Workload gang() throws Exception {
        Workload workload = Workloads.training("gang")
                .handedTo(installed.scheduler, "team-a")
                .role("chief", 1)
                .role("worker", 2, new Resources(450_000, 512, 4), "exec sleep 1000", Workloads.IMAGE)
                .make();
        cluster.apply(workload);
        return workload;
    }

    private GenericKubernetesResource group(Workload workload) {
        return await().until(() -> installed.groups(workload.job()), found -> found.size() == 1)
                .getFirst();
    }

    private Standing.Waiting awaitReason(Workload workload, String reason) {
        var seen = real.awaitObservation(
                cluster,
                workload.job(),
                all -> all.standing(1) instanceof Standing.Waiting waiting
                        && waiting.reason().equals(prefix + reason));
        return (Standing.Waiting) Objects.requireNonNull(seen.standing(1));
    }

    private <T extends Standing> T awaitStanding(Workload workload, Class<T> kind) {
        var seen = real.awaitObservation(cluster, workload.job(), all -> kind.isInstance(all.standing(1)));
        return Objects.requireNonNull(kind.cast(seen.standing(1)));
    }

    private List<Pod> running(Workload workload, int tasks) {
        String node = real.node("taken", 2, 64, 0);
        List<Pod> pods = real.awaitPods(workload, tasks);
        pods.forEach(each -> real.binds(each, node));
        pods.forEach(real::runs);
        awaitStanding(workload, Standing.Going.class);
        return pods;
    }

    @ParameterizedTest
    @EnumSource(names = {"VOLCANO", "KAI"})
    void aGangIsOneGroupWhoseReasonsAreReadBack(Scheduler scheduler) throws Exception {
        install(scheduler);
        Workload workload = gang();

        List<Pod> pods = real.awaitPods(workload, 3);
        GenericKubernetesResource group = group(workload);
        assertThat((Map<?, ?>) group.get("spec"))
                .isEqualTo(
                        scheduler == Scheduler.VOLCANO
                                ? Map.of(
                                        "queue",
                                        "team-a",
                                        "minMember",
                                        3,
                                        "minResources",
                                        Map.of("cpu", "1800", "memory", "1088Mi", "nvidia.com/gpu", "8"))
                                : Map.of("queue", "team-a", "minMember", 3));
        assertThat(pods).allSatisfy(pod -> {
            assertThat(pod.getSpec().getSchedulerName())
                    .isEqualTo(scheduler == Scheduler.VOLCANO ? "volcano" : "kai-scheduler");
            assertThat(pod.getMetadata().getAnnotations())
                    .containsEntry(
                            scheduler == Scheduler.VOLCANO ? "scheduling.k8s.io/group-name" : "pod-group-name",
                            group.getMetadata().getName());
        });
        if (scheduler == Scheduler.KAI) {
            assertThat(pods).allSatisfy(pod -> {
                assertThat(pod.getMetadata().getLabels()).containsEntry("kai.scheduler/queue", "team-a");
                assertThat(pod.getMetadata().getAnnotations()).containsEntry("kai.scheduler/skip-podgrouper", "true");
            });
        }
        awaitReason(workload, "Unnoticed");

        installed.hasNoRoomFor(group, "NotEnough", "3/3 tasks in gang unschedulable");
        assertThat(awaitReason(workload, "NotEnough").sentence())
                .isEqualTo("waits in %s: 3/3 tasks in gang unschedulable; its position there is not known here"
                        .formatted(scheduler));

        String node = real.node("given", 2, 64, 0);
        pods.forEach(each -> real.binds(each, node));
        awaitStanding(workload, Standing.Going.class);
    }

    @ParameterizedTest
    @EnumSource(names = {"VOLCANO", "KAI"})
    void whatIsTakenBackIsLostWithAllOfIt(Scheduler scheduler) throws Exception {
        install(scheduler);
        Workload workload = gang();
        List<Pod> pods = running(workload, 3);

        installed.takesBack(pods.getLast(), "reclaimed for another queue");

        assertThat(awaitStanding(workload, Standing.Lost.class).sentence())
                .isEqualTo(
                        "tasks of it were taken away (reclaimed for another queue): all of it ends, and it is handed to %s again"
                                .formatted(scheduler));
        cluster.stop(workload.job(), Duration.ofSeconds(1));
        await().until(() -> installed.groups(workload.job()).isEmpty());
    }

    @Test
    void whatWasTakenBackWhileNobodyLookedIsLost() throws Exception {
        install(Scheduler.KAI);
        Workload workload = gang();
        List<Pod> pods = running(workload, 3);
        cluster.close();

        pods.forEach(real::disappears);
        await().until(() -> real.pods(workload).isEmpty());
        cluster = real.connect();

        awaitStanding(workload, Standing.Lost.class);
    }

    @Test
    void whatHasFailedByItselfIsOver() throws Exception {
        install(Scheduler.VOLCANO);
        Workload workload = gang();
        List<Pod> pods = running(workload, 3);

        real.ends(pods.getFirst(), 3, "Error");

        awaitStanding(workload, Standing.Over.class);
        cluster.stop(workload.job(), Duration.ofSeconds(1));
        await().until(() -> installed.groups(workload.job()).isEmpty());
        assertThat(real.pods(workload)).contains(real.pod(pods.getFirst()).orElseThrow());
    }

    @Test
    void ofWhatServesEachTaskBeginsByItselfAndComesAgain() throws Exception {
        install(Scheduler.KAI);
        Workload workload = Workloads.inference("serves")
                .handedTo(installed.scheduler, "team-a")
                .role("server", 2, new TaskPort("http", 5000))
                .make();
        cluster.apply(workload);
        List<Pod> pods = real.awaitPods(workload, 2);
        GenericKubernetesResource group = group(workload);
        assertThat((Map<?, ?>) group.get("spec")).isEqualTo(Map.of("queue", "team-a", "minMember", 1));
        installed.hasNoRoomFor(group, "NotEnough", "no room");
        awaitReason(workload, "NotEnough");

        String node = real.node("given", 2, 64, 0);
        real.binds(pods.getFirst(), node);
        real.awaitObservation(
                cluster,
                workload.job(),
                all -> all.standing(1) instanceof Standing.Going going
                        && going.others() != null
                        && going.others().reason().equals(prefix + "NotEnough"));
        real.binds(pods.getLast(), node);
        real.awaitObservation(cluster, workload.job(), all -> Standing.Going.ALL.equals(all.standing(1)));

        pods.forEach(each -> {
            installed.takesBack(each, "reclaimed");
            real.disappears(each);
        });
        awaitReason(workload, "NotEnough");
        real.awaitPods(workload, 2);
    }

    @Test
    void aGroupThatSomebodyRemovesIsMadeAgain() throws Exception {
        install(Scheduler.KAI);
        Workload workload = gang();
        awaitReason(workload, "Unnoticed");

        installed.remove(group(workload));

        real.awaitObservation(cluster, workload.job(), all -> all.standing(1) == null);
        cluster.apply(workload);
        awaitReason(workload, "Unnoticed");
    }

    @Test
    void thatItHasGoneIsSaid() throws Exception {
        install(Scheduler.VOLCANO);
        Workload workload = gang();
        awaitReason(workload, "Unnoticed");

        installed.uninstall();

        assertThat(awaitReason(workload, "Absent").sentence()).contains("there is no podgroups.scheduling.");
        assertThatThrownBy(() -> cluster.requireInstalled(installed.scheduler))
                .isInstanceOf(ClusterRefusedException.class);
        Workload another = gang(); // which waits, too
        awaitReason(another, "Absent");
        installed.install();
        await().until(
                        () -> { // the API server tells everybody of it in its own time
                            cluster.apply(workload);
                            return !installed.groups(workload.job()).isEmpty();
                        });
        awaitReason(workload, "Unnoticed");
    }

    @Test
    void aGrouperOfKaiThatKnowsNoOtherGroupsIsToldOf() throws Exception {
        install(Scheduler.KAI);
        Workload workload = gang();

        real.awaitPods(workload, 3)
                .forEach(each -> real.client
                        .resource(each)
                        .patch(
                                PatchContext.of(PatchType.JSON_MERGE),
                                "{\"metadata\":{\"annotations\":{\"pod-group-name\":\"pg-gang\"}}}"));

        assertThat(awaitReason(workload, "Regrouped").sentence()).contains("(pg-gang)", "KAI 0.15 or newer");
    }
}
