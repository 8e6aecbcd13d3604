package io.shusuan.scheduler.cluster.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Taint;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Attempt.Endpoint;
import io.shusuan.scheduler.cluster.Attempt.Phase;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.TaskPort;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What pods, events and nodes become for the platform. The test plays kubelet. */
@NeedsKubernetes
class KubernetesObservationTest {

    private static final QueueName TRUSTED = new QueueName("trusted");

    private static RealCluster real;
    private static KubernetesCluster cluster;

    @BeforeAll
    static void connect() {
        real = new RealCluster();
        cluster = real.connect(real.settings(real.kubeconfig(), Set.of(TRUSTED), null, Duration.ofSeconds(90)));
    }

    @AfterAll
    static void close() {
        real.close();
    }

    @Test
    void aTaskThatFindsNoRoomSaysWhatTheSchedulerSays() throws Exception {
        Workload workload = Workloads.training("homeless")
                .role("trainer", 1, new Resources(900_000, 64, 0), "true", Workloads.IMAGE)
                .make();
        cluster.apply(workload);

        Attempt attempt = real.awaitAttempt(cluster, workload.job(), each -> each.reason() != null);

        assertThat(attempt.phase()).isEqualTo(Phase.PENDING);
        assertThat(attempt.reason()).isEqualTo("Unschedulable");
        assertThat(attempt.message()).matches("(?s)(0/\\d+ nodes are available.*|no nodes available.*)");
        var seen = real.awaitObservation(
                cluster,
                workload.job(),
                each -> each.events().stream().anyMatch(event -> event.reason().equals("FailedScheduling")));
        assertThat(seen.events())
                .anySatisfy(event -> assertThat(event.warning()).isTrue());
    }

    @Test
    void tasksOfAJobRunAndEndUnderTheirIndex() throws Exception {
        Workload workload = Workloads.training("lives").role("trainer", 2).make();
        cluster.apply(workload);
        List<Pod> pods = real.awaitPods(workload, 2).stream()
                .sorted(Comparator.comparing(pod -> Labels.annotation(pod, Labels.COMPLETION_INDEX)))
                .toList();

        real.runs(pods.getFirst());
        Attempt running = real.awaitAttempt(cluster, workload.job(), each -> each.phase() == Phase.RUNNING);
        assertThat(running.ready()).isTrue();
        assertThat(running.index()).isZero();
        assertThat(running.role()).isEqualTo("trainer");
        assertThat(running.number()).isEqualTo(1);
        assertThat(running.uid()).isEqualTo(pods.getFirst().getMetadata().getUid());
        assertThat(running.startedAt()).isEqualTo(Instant.parse("2026-01-02T03:04:05Z"));

        real.ends(pods.getFirst(), 0, "Completed");
        real.ends(pods.getLast(), 137, "OOMKilled");
        Attempt failed = real.awaitAttempt(cluster, workload.job(), each -> each.phase() == Phase.FAILED);
        assertThat(failed.index()).isEqualTo(1);
        assertThat(failed.exitCode()).isEqualTo(137);
        assertThat(failed.reason()).isEqualTo("OOMKilled");
        assertThat(failed.message()).isEqualTo("It needed more memory than the 64Mi it may use: raise memoryMB.");
        Attempt done = real.awaitAttempt(cluster, workload.job(), each -> each.phase() == Phase.SUCCEEDED);
        assertThat(done.exitCode()).isZero();
        assertThat(done.finishedAt()).isEqualTo(Instant.parse("2026-01-02T03:05:05Z"));
    }

    @Test
    void aJobThatEndedUnseenTellsHowThoughItsPodsAreGone() throws Exception {
        Workload workload = Workloads.training("unseen").role("trainer", 2).make();
        cluster.apply(workload);
        List<Pod> pods = real.awaitPods(workload, 2);
        pods.forEach(pod -> real.ends(pod, 0, "Completed"));
        await().until(() -> real.jobs(workload.job()).getFirst().getStatus().getCompletionTime() != null);
        pods.forEach(real::disappears);
        await().until(() -> real.pods(workload).isEmpty());

        KubernetesCluster restarted = real.connect();

        var seen =
                real.awaitObservation(restarted, workload.job(), each -> true).attempts();
        assertThat(seen).extracting(Attempt::index).containsExactlyInAnyOrder(0, 1);
        assertThat(seen).allSatisfy(each -> {
            assertThat(each.phase()).isEqualTo(Phase.SUCCEEDED);
            assertThat(each.role()).isEqualTo("trainer");
            assertThat(each.finishedAt()).isNotNull();
        });
    }

    private Attempt runsAndIsNotReady(Workload workload, Pod pod) {
        real.runs(pod, false);
        return real.awaitAttempt(cluster, workload.job(), each -> each.phase() == Phase.RUNNING);
    }

    @Test
    void aReplicaIsReadyWhenItAnswersAndIsReachedThere() throws Exception {
        Workload workload = Workloads.inference("answers")
                .role("server", 1, new TaskPort("http", 5000), new TaskPort("grpc", 8001))
                .make();
        cluster.apply(workload);
        Pod pod = real.awaitPods(workload, 1).getFirst();

        Attempt starting = runsAndIsNotReady(workload, pod);
        assertThat(starting.ready()).isFalse();
        assertThat(starting.message()).isEqualTo("It runs, but nothing answers on port 5000 yet.");

        real.runs(pod);
        Attempt ready = real.awaitAttempt(cluster, workload.job(), Attempt::ready);
        assertThat(ready.endpoints())
                .containsExactly(new Endpoint("http", "10.1.2.3", 5000), new Endpoint("grpc", "10.1.2.3", 8001));
    }

    @Test
    void aReplicaThatIsNotReadySaysWhatItsPathAnswered() throws Exception {
        var http = new TaskPort("http", 5000);
        Workload workload = Workloads.inference("loads")
                .readyBy("/healthz", http)
                .role("server", 1, http)
                .make();
        cluster.apply(workload);
        Pod pod = real.awaitPods(workload, 1).getFirst();
        Attempt starting = runsAndIsNotReady(workload, pod);
        assertThat(starting.message())
                .isEqualTo("It runs, but GET /healthz on port 5000 does not say yet that it is ready.");

        unhealthy(pod, "2026-01-02T03:04:06Z", "Get \"http://10.1.2.3:5000/healthz\": connection refused");
        unhealthy(pod, "2026-01-02T03:04:08Z", "HTTP probe failed with statuscode: 503");
        unhealthy(pod, "2026-01-02T03:04:07Z", "HTTP probe failed with statuscode: 404");

        Attempt refused = real.awaitAttempt(
                cluster,
                workload.job(),
                each -> each.message() != null && each.message().endsWith(" The last answer was 503."));
        assertThat(refused.message()).startsWith("It runs, but GET /healthz on port 5000 ");
        assertThat(real.awaitObservation(cluster, workload.job(), each -> true).events())
                .noneMatch(event -> event.reason().equals("Unhealthy"));
    }

    /** As the kubelet tells it. */
    private static void unhealthy(Pod pod, String at, String answer) {
        real.client
                .v1()
                .events()
                .resource(new EventBuilder()
                        .withNewMetadata()
                        .withGenerateName(pod.getMetadata().getName() + ".")
                        .withNamespace(pod.getMetadata().getNamespace())
                        .endMetadata()
                        .withNewInvolvedObject()
                        .withKind("Pod")
                        .withNamespace(pod.getMetadata().getNamespace())
                        .withName(pod.getMetadata().getName())
                        .withUid(pod.getMetadata().getUid())
                        .endInvolvedObject()
                        .withType("Warning")
                        .withReason("Unhealthy")
                        .withMessage("Readiness probe failed: " + answer)
                        .withFirstTimestamp("2026-01-02T03:04:06Z")
                        .withLastTimestamp(at)
                        .build())
                .create();
    }

    @Test
    void anImageThatCannotBePulledIsSaid() throws Exception {
        Workload workload = Workloads.training("imageless").role("trainer", 1).make();
        cluster.apply(workload);
        Pod pod = real.awaitPods(workload, 1).getFirst();

        real.says(
                pod,
                "Pending",
                false,
                status -> status.withNewState()
                        .withNewWaiting("Back-off pulling image \"registry.example/tasks:1\"", "ImagePullBackOff")
                        .endState());

        Attempt waiting = real.awaitAttempt(cluster, workload.job(), each -> "ImagePullBackOff".equals(each.reason()));
        assertThat(waiting.phase()).isEqualTo(Phase.PENDING);
        assertThat(waiting.message()).contains("registry.example/tasks:1");
    }

    @Test
    void everyRestartOfAContainerIsAnAttempt() throws Exception {
        Workload workload = Workloads.inference("crashes")
                .role("server", 1, new TaskPort("http", 5000))
                .make();
        cluster.apply(workload);
        Pod pod = real.awaitPods(workload, 1).getFirst();
        String uid = pod.getMetadata().getUid();
        real.runs(pod);
        real.awaitAttempt(cluster, workload.job(), Attempt::ready);

        real.says(
                pod,
                "Running",
                false,
                status -> status.withRestartCount(2)
                        .withNewState()
                        .withNewWaiting("back-off 40s restarting failed container", "CrashLoopBackOff")
                        .endState()
                        .withNewLastState()
                        .withNewTerminated()
                        .withExitCode(3)
                        .withReason("Error")
                        .endTerminated()
                        .endLastState());

        var seen = real.awaitObservation(
                cluster, workload.job(), each -> each.attempts().size() >= 2);
        assertThat(seen.attempts())
                .filteredOn(each -> !each.uid().equals(uid))
                .extracting(each -> "%s %d %s %s"
                        .formatted(each.uid().substring(uid.length()), each.number(), each.phase(), each.exitCode()))
                .containsExactly(".2 3 FAILED 3", ".3 4 PENDING null");
    }

    @Test
    void aRestartThatNeverBeganIsNoAttempt() throws Exception {
        Workload workload = Workloads.inference("gives-up")
                .role("server", 1, new TaskPort("http", 5000))
                .make();
        cluster.apply(workload);
        Pod pod = real.awaitPods(workload, 1).getFirst();
        real.says(
                pod,
                "Running",
                false,
                status -> status.withRestartCount(1)
                        .withContainerID("containerd://second")
                        .withNewState()
                        .withNewTerminated() // what the kubelet makes of a wait when it lets the pod go
                        .withExitCode(137)
                        .withReason("ContainerStatusUnknown")
                        .endTerminated()
                        .endState()
                        .withNewLastState()
                        .withNewTerminated()
                        .withContainerID("containerd://second")
                        .withExitCode(3)
                        .withReason("Error")
                        .endTerminated()
                        .endLastState());

        var seen = real.awaitObservation(
                cluster,
                workload.job(),
                all -> !all.attempts().isEmpty() && all.attempts().getLast().phase() != Phase.PENDING);
        assertThat(seen.attempts())
                .filteredOn(each -> each.phase() != Phase.PENDING)
                .extracting(each -> "%d %s %s".formatted(each.number(), each.phase(), each.exitCode()))
                .containsExactly("2 FAILED 3");
    }

    @Test
    void aReplicaKeepsItsIndexAndAReplacementTakesTheFreeOne() throws Exception {
        Workload workload = Workloads.inference("replaced")
                .role("server", 3, new TaskPort("http", 5000))
                .make();
        cluster.apply(workload);
        real.awaitPods(workload, 3).forEach(real::runs);
        var before = real.awaitObservation(
                cluster,
                workload.job(),
                seen -> seen.attempts().stream().filter(Attempt::ready).count() == 3);
        assertThat(before.attempts()).extracting(Attempt::index).containsExactlyInAnyOrder(0, 1, 2);
        Attempt lost = before.attempts().stream()
                .filter(each -> each.index() == 1)
                .findFirst()
                .orElseThrow();

        real.pods(workload).stream()
                .filter(pod -> pod.getMetadata().getUid().equals(lost.uid()))
                .forEach(real::disappears);
        var after = real.awaitObservation(
                cluster,
                workload.job(),
                seen -> seen.attempts().size() == 4
                        && seen.attempts().stream()
                                .anyMatch(each -> each.uid().equals(lost.uid()) && each.phase() == Phase.FAILED));

        assertThat(after.attempts())
                .filteredOn(each -> each.index() == 1)
                .extracting(each -> each.number() + " " + each.phase() + " " + each.reason())
                .contains("1 FAILED PodDeleted")
                .anySatisfy(each -> assertThat(each).startsWith("2 PENDING"));
        assertThat(after.attempts())
                .filteredOn(each -> each.index() != 1)
                .extracting(Attempt::uid)
                .containsExactlyInAnyOrderElementsOf(before.attempts().stream()
                        .filter(each -> each.index() != 1)
                        .map(Attempt::uid)
                        .toList());
    }

    @Test
    void podsThatTheirControllerMayNotMakeAreExplained() throws Exception {
        Workload workload = Workloads.inference("turned-away")
                .queue("trusted")
                .role("server", 1, new TaskPort("http", 5000))
                .make();
        cluster.apply(workload);
        Pod pod = real.awaitPods(workload, 1).getFirst();
        real.client
                .namespaces()
                .withName(real.namespace(workload))
                .edit(found -> new NamespaceBuilder(found)
                        .editMetadata()
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .endMetadata()
                        .build());
        real.disappears(pod);

        var seen = real.awaitObservation(
                cluster,
                workload.job(),
                each -> each.events().stream().anyMatch(event -> event.reason().equals("POD_SECURITY")));

        assertThat(seen.events())
                .filteredOn(event -> event.reason().equals("POD_SECURITY"))
                .singleElement()
                .satisfies(event ->
                        assertThat(event.message()).contains("'restricted'").contains("runAsNonRoot"));
    }

    @Test
    void aStoppedJobTellsHowItsTasksEnded() throws Exception {
        String node = real.node("stops", 64, 65536, 1);
        Workload workload = Workloads.training("stopped")
                .role("trainer", 1, new Resources(30_000, 64, 1), "sleep 1000", Workloads.IMAGE)
                .make();
        cluster.apply(workload);
        real.awaitAttempt(cluster, workload.job(), each -> node.equals(each.node()));
        Pod pod = real.pods(workload).getFirst();
        real.runs(pod);
        real.awaitAttempt(cluster, workload.job(), each -> each.phase() == Phase.RUNNING);

        real.stop(cluster, workload, Duration.ofSeconds(2));

        assertThat(real.pod(pod).orElseThrow().getMetadata().getDeletionGracePeriodSeconds())
                .isEqualTo(2);
        real.ends(pod, 143, "Error");
        real.disappears(pod);
        Attempt ended = real.awaitAttempt(cluster, workload.job(), each -> each.phase() == Phase.FAILED);
        assertThat(ended.exitCode()).isEqualTo(143);
        assertThat(ended.message()).isEqualTo("It ended with exit code 143, by signal 15.");
        await().until(() -> real.pod(pod).isEmpty());
        assertThat(cluster.observe(workload.job())).isPresent();
    }

    @Test
    void everyChangeOfAJobIsTold() throws Exception {
        BlockingQueue<JobId> told = new LinkedBlockingQueue<>();
        cluster.onChange(told::add);
        Workload workload = Workloads.training("told").role("trainer", 1).make();

        cluster.apply(workload);
        Pod pod = real.awaitPods(workload, 1).getFirst();
        awaitTold(told, workload.job());
        real.awaitAttempt(cluster, workload.job(), each -> each.phase() == Phase.PENDING);
        told.clear();
        real.runs(pod);

        awaitTold(told, workload.job());
    }

    @Test
    void capacityIsWhatNodesHaveAndOthersUse() throws Exception {
        String node = real.node("room", 8, 16384, 4);
        await().untilAsserted(() -> assertThat(nodeOf(node)).isNotNull());
        assertThat(nodeOf(node).allocatable()).isEqualTo(new Resources(8000, 16384, 4));
        assertThat(nodeOf(node).usedByOthers()).isEqualTo(Resources.NONE);
        assertThat(nodeOf(node).maxTasks()).isEqualTo(10);
        RealCluster.insisting(() -> real.client.nodes().withName(node).edit(found -> {
            found.getMetadata().getLabels().put("gpu", "h100");
            found.getSpec()
                    .setTaints(List.of(
                            new Taint("NoSchedule", PodTemplates.GPU, null, ""),
                            new Taint("PreferNoSchedule", "example.org/rather-not", null, "")));
            return found;
        }));
        await().untilAsserted(() -> assertThat(nodeOf(node).taints()).containsExactly(Capacity.GPU_TAINT));
        assertThat(nodeOf(node).labels()).containsEntry("gpu", "h100");
        Pod foreign = real.client
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(real.platform + "-foreign")
                        .withNamespace("default")
                        .endMetadata()
                        .withNewSpec()
                        .withNodeName(node)
                        .addNewContainer()
                        .withName("other")
                        .withImage("registry.example/other:1")
                        .withNewResources()
                        .addToRequests("cpu", new Quantity("1500m"))
                        .addToRequests("memory", new Quantity("1Gi"))
                        .addToRequests(PodTemplates.GPU, new Quantity("1"))
                        .addToLimits(PodTemplates.GPU, new Quantity("1"))
                        .endResources()
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        await().untilAsserted(() -> assertThat(nodeOf(node).usedByOthers()).isEqualTo(new Resources(1500, 1024, 1)));
        assertThat(nodeOf(node).maxTasks()).isEqualTo(9);
        real.disappears(foreign);

        real.cordon(node);
        await().untilAsserted(() -> assertThat(cluster.capacity().away())
                .filteredOn(away -> away.node().name().equals(node))
                .singleElement()
                .satisfies(away -> {
                    assertThat(away.why()).isEqualTo(Capacity.Away.Why.CORDONED);
                    assertThat(away.node().allocatable()).isEqualTo(new Resources(8000, 16384, 4));
                    assertThat(away.node().labels()).containsEntry("gpu", "h100");
                }));
        assertThat(cluster.capacity().nodes()).extracting(Capacity.Node::name).doesNotContain(node);
    }

    private static Capacity.Node nodeOf(String name) throws Exception {
        return cluster.capacity().nodes().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElse(new Capacity.Node("missing", Map.of(), Set.of(), Resources.NONE, Resources.NONE, 0));
    }

    private static void awaitTold(BlockingQueue<JobId> told, JobId job) throws InterruptedException {
        JobId next;
        do {
            next = told.poll(30, TimeUnit.SECONDS);
            assertThat(next).as("a change told").isNotNull();
        } while (!job.equals(next));
    }
}
