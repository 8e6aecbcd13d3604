package io.shusuan.scheduler.cluster.kubernetes;

import static io.shusuan.scheduler.cluster.kubernetes.InstalledKueue.condition;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs that are handed to Kueue: its definitions are the published ones, and the test does what its controller does. */
@NeedsKubernetes
class KueueTest {

    private final RealCluster real = new RealCluster();
    private InstalledKueue kueue;
    private KubernetesCluster cluster;

    @BeforeEach
    void install() throws Exception {
        kueue = new InstalledKueue(real);
        cluster = real.connect();
    }

    @AfterEach
    void remove() {
        kueue.close();
        real.close();
    }

    private Job only(Workload workload) {
        return real.jobs(workload.job()).getFirst();
    }

    private Standing.Waiting awaitReason(Workload workload, String reason) {
        var seen = real.awaitObservation(
                cluster,
                workload.job(),
                all -> all.standing(1) instanceof Standing.Waiting waiting
                        && waiting.reason().equals(reason));
        return (Standing.Waiting) Objects.requireNonNull(seen.standing(1));
    }

    private void awaitGoing(Workload workload) {
        real.awaitObservation(cluster, workload.job(), all -> all.standing(1) instanceof Standing.Going);
    }

    private Workload applied() throws Exception {
        Workload workload = Workloads.training("handed-over")
                .handedTo(Scheduler.KUEUE, "team-a")
                .role("trainer", 2)
                .make();
        cluster.apply(workload);
        return workload;
    }

    @Test
    void whatIsNotInstalledIsNamed() throws Exception {
        await().untilAsserted(() ->
                assertThatCode(() -> cluster.requireInstalled(Scheduler.KUEUE)).doesNotThrowAnyException());

        kueue.uninstall();

        await().untilAsserted(() -> assertThatThrownBy(() -> cluster.requireInstalled(Scheduler.KUEUE))
                .isInstanceOf(ClusterRefusedException.class)
                .hasMessageContaining("CustomResourceDefinition workloads.kueue.x-k8s.io"));
    }

    @Test
    void aJobOfOneRoleIsSuspendedUntilKueueResumesIt() throws Exception {
        Workload workload = applied();

        Job job = only(workload);
        assertThat(job.getMetadata().getLabels()).containsEntry("kueue.x-k8s.io/queue-name", "team-a");
        assertThat(job.getSpec().getSuspend()).isTrue();
        assertThat(awaitReason(workload, "KueueUnnoticed").sentence()).contains("has taken no notice of it yet");
        assertThat(real.pods(workload)).isEmpty();

        var seen = kueue.notices(job);
        awaitReason(workload, "KueuePending");
        kueue.says(seen, condition("QuotaReserved", false, "Pending", "insufficient unused quota for nvidia.com/gpu"));
        await().untilAsserted(
                        () -> assertThat(awaitReason(workload, "KueuePending").sentence())
                                .isEqualTo(
                                        "waits in Kueue: insufficient unused quota for nvidia.com/gpu; its position there is not known here"));
        kueue.says(seen, condition("QuotaReserved", false, "Inadmissible", "LocalQueue team-a doesn't exist"));
        awaitReason(workload, "KueueInadmissible");
        kueue.writes(
                seen,
                Map.of(
                        "conditions",
                        List.of(condition("QuotaReserved", true, "QuotaReserved", "")),
                        "admissionChecks",
                        List.of(Map.of(
                                "name",
                                "nodes-come",
                                "state",
                                "Pending",
                                "message",
                                "3 nodes are being made",
                                "lastTransitionTime",
                                "2026-01-02T03:04:05Z"))));
        assertThat(awaitReason(workload, "KueueAdmissionChecks").sentence())
                .isEqualTo("has its quota in Kueue, and waits for admission checks: nodes-come 3 nodes are being made");

        real.suspend(workload.job(), false);
        awaitGoing(workload);
        real.awaitPods(workload, 2);

        cluster.apply(workload); // which must not suspend it again
        real.connect().apply(workload); // nor after a restart
        assertThat(only(workload).getSpec().getSuspend()).isFalse();
    }

    @Test
    void whatKueueTakesBackWaitsAgain() throws Exception {
        Workload workload = applied();
        var seen = kueue.notices(only(workload));
        real.suspend(workload.job(), false);
        awaitGoing(workload);
        List<Pod> pods = real.awaitPods(workload, 2);
        pods.forEach(real::runs);

        kueue.says(
                seen,
                condition("QuotaReserved", false, "Pending", "Preempted to accommodate a workload"),
                condition("Evicted", true, "Preempted", "Preempted to accommodate a workload"));
        real.suspend(workload.job(), true);

        assertThat(awaitReason(workload, "KueueEvicted").sentence())
                .isEqualTo(
                        "evicted by Kueue (Preempted): Preempted to accommodate a workload; waits there again, its position is not known here");
        pods.forEach(real::disappears);
        real.suspend(workload.job(), false);
        awaitGoing(workload); // though its tasks have ended badly before
        real.awaitPods(workload, 2);
    }

    @Test
    void aGangOfSeveralRolesIsAGroupOfPodsBehindOneGate() throws Exception {
        Workload workload = Workloads.training("gang")
                .handedTo(Scheduler.KUEUE, "team-a")
                .role("chief", 1)
                .role("worker", 2)
                .make();
        cluster.apply(workload);

        List<Pod> pods = real.awaitPods(workload, 3);
        assertThat(pods).allSatisfy(pod -> {
            assertThat(pod.getMetadata().getLabels()).containsEntry("kueue.x-k8s.io/queue-name", "team-a");
            assertThat(pod.getMetadata().getAnnotations()).containsEntry("kueue.x-k8s.io/pod-group-total-count", "3");
            assertThat(pod.getSpec().getSchedulingGates())
                    .extracting(gate -> gate.getName())
                    .contains("kueue.x-k8s.io/admission");
        });
        String group = pods.getFirst().getMetadata().getLabels().get("kueue.x-k8s.io/pod-group-name");
        assertThat(pods)
                .extracting(pod -> Labels.label(pod, "kueue.x-k8s.io/pod-group-name"))
                .containsOnly(group);
        awaitReason(workload, "KueueUnnoticed");
        var seen = kueue.notices(Objects.requireNonNull(group), pods);
        kueue.says(seen, condition("QuotaReserved", false, "Pending", "no quota"));
        await().untilAsserted(() ->
                assertThat(awaitReason(workload, "KueuePending").sentence()).contains("no quota"));

        pods.forEach(real::letIn);
        awaitGoing(workload);

        takeBack(pods);
        real.awaitPods(workload, 3); // of the same Jobs, which count none of that as a failure
        real.awaitObservation(cluster, workload.job(), all -> all.standing(1) instanceof Standing.Waiting);
        assertThat(real.jobs(workload.job()))
                .allSatisfy(job -> assertThat(job.getStatus().getConditions()).isEmpty());
    }

    /** As Kueue does: first it says why the pod goes, so that the Job makes another. */
    private void takeBack(List<Pod> pods) {
        for (Pod pod : pods) {
            RealCluster.insisting(() -> real.client
                    .pods()
                    .inNamespace(pod.getMetadata().getNamespace())
                    .withName(pod.getMetadata().getName())
                    .editStatus(found -> {
                        found.getStatus()
                                .getConditions()
                                .add(new PodConditionBuilder()
                                        .withType("TerminationTarget")
                                        .withStatus("True")
                                        .withReason("StoppedByKueue")
                                        .build());
                        return found;
                    }));
            real.disappears(pod);
        }
    }

    @Test
    void whatIsStoppedKueueCannotResume() throws Exception {
        Workload waiting = applied();
        awaitReason(waiting, "KueueUnnoticed");

        cluster.stop(waiting.job(), Duration.ofSeconds(1));

        await().until(() -> real.jobs(waiting.job()).isEmpty());
        assertThat(real.pods(waiting)).isEmpty();
    }

    @Test
    void whatHasFailedKeepsItsPodsForTheirLogs() throws Exception {
        Workload workload = Workloads.training("fails")
                .handedTo(Scheduler.KUEUE, "team-a")
                .role("trainer", 1)
                .make();
        cluster.apply(workload);
        awaitReason(workload, "KueueUnnoticed");
        real.suspend(workload.job(), false);
        real.ends(real.awaitPods(workload, 1).getFirst(), 3, "Error");
        real.awaitObservation(cluster, workload.job(), all -> all.standing(1) instanceof Standing.Over);

        cluster.stop(workload.job(), Duration.ofSeconds(1));

        assertThat(only(workload).getMetadata().getDeletionTimestamp()).isNull();
        assertThat(real.pods(workload)).hasSize(1);
    }

    @Test
    void thatKueueHasGoneIsSaid() throws Exception {
        Workload workload = applied();
        awaitReason(workload, "KueueUnnoticed");

        kueue.uninstall();

        assertThat(awaitReason(workload, "KueueAbsent").sentence())
                .contains("there is no workloads.kueue.x-k8s.io")
                .contains("install it again");
        kueue.install();
        awaitReason(workload, "KueueUnnoticed");
    }

    @Test
    void ofWhatServesEachPodWaitsAtAGateOfItsOwn() throws Exception {
        Workload serving = Workloads.inference("serves")
                .handedTo(Scheduler.KUEUE, "team-a")
                .role("server", 2, new TaskPort("http", 5000))
                .make();
        cluster.apply(serving);
        List<Pod> pods = real.awaitPods(serving, 2);
        assertThat(pods).allSatisfy(pod -> {
            assertThat(pod.getMetadata().getLabels())
                    .containsEntry("kueue.x-k8s.io/queue-name", "team-a")
                    .doesNotContainKey("kueue.x-k8s.io/pod-group-name");
            assertThat(pod.getSpec().getSchedulingGates())
                    .extracting(gate -> gate.getName())
                    .containsExactly("kueue.x-k8s.io/admission");
        });
        awaitReason(serving, "KueueUnnoticed");
        pods.forEach(pod -> kueue.says(
                kueue.notices(pod.getMetadata().getName(), List.of(pod)),
                condition("QuotaReserved", false, "Pending", "no quota")));
        await().untilAsserted(() ->
                assertThat(awaitReason(serving, "KueuePending").sentence()).contains("no quota"));

        real.letIn(pods.getFirst());
        real.awaitObservation(
                cluster,
                serving.job(),
                all -> all.standing(1) instanceof Standing.Going going
                        && going.others() != null
                        && going.others().sentence().contains("no quota"));
        real.letIn(pods.getLast());
        real.awaitObservation(cluster, serving.job(), all -> Standing.Going.ALL.equals(all.standing(1)));

        pods.forEach(real::disappears);
        real.awaitPods(serving, 2);
        awaitReason(serving, "KueueUnnoticed");
    }
}
