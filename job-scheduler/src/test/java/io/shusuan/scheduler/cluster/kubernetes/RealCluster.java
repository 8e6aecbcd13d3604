package io.shusuan.scheduler.cluster.kubernetes;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.Observation;
import io.shusuan.scheduler.cluster.Workload;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * The real API server that a test speaks to, with a corner of it for the test alone: a platform name and namespaces that
 * nobody else uses. Where no kubelet runs the test plays it, by writing to pods and nodes the status a kubelet writes.
 */
public final class RealCluster implements AutoCloseable {

    /** The label of nodes that tells their rack. */
    static final String RACK = "example.org/rack";

    public final String platform = "test-" + UUID.randomUUID().toString().substring(0, 8);
    public final KubernetesClient client;
    final MeterRegistry meters = new SimpleMeterRegistry();
    private final Path kubeconfig;
    private final List<KubernetesCluster> clusters = new ArrayList<>();
    private final List<String> nodes = new ArrayList<>();

    static {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(90)); // a machine may be busy
    }

    public RealCluster() {
        kubeconfig = NeedsKubernetes.Condition.kubeconfig().orElseThrow();
        client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(kubeconfig.toFile()))
                .build();
    }

    public Path kubeconfig() {
        return kubeconfig;
    }

    KubernetesSettings settings() {
        return settings(kubeconfig, Set.of(), null, Duration.ofSeconds(90));
    }

    KubernetesSettings settings(
            Path kubeconfig, Set<QueueName> baseline, @Nullable StorageSource artifacts, Duration staleAfter) {
        return new KubernetesSettings(
                kubeconfig,
                null,
                platform,
                null,
                platform + "-",
                baseline,
                1000,
                "Default",
                artifacts,
                Map.of("rack", RACK),
                Duration.ofSeconds(3),
                staleAfter);
    }

    /** The platform's view of it, once it has one. */
    KubernetesCluster connect() {
        return connect(settings());
    }

    KubernetesCluster connect(KubernetesSettings settings) {
        var cluster = start(settings);
        cluster.watchJobs();
        await().ignoreException(ClusterUnavailableException.class).until(() -> cluster.jobs() != null);
        return cluster;
    }

    KubernetesCluster start(KubernetesSettings settings) {
        var cluster = new KubernetesCluster(settings, Clock.systemUTC(), meters);
        clusters.add(cluster);
        return cluster;
    }

    /** Whether Kueue's controller is told of what is made here. */
    boolean hasKueue() {
        return client.admissionRegistration()
                        .v1()
                        .validatingWebhookConfigurations()
                        .withName("kueue-validating-webhook-configuration")
                        .get()
                != null;
    }

    String namespace(Workload workload) {
        return settings().namespaceOf(workload.spec().queue());
    }

    static String name(Workload workload, String role) {
        return Names.workload(workload.spec().name(), workload.job(), role);
    }

    Observation awaitObservation(KubernetesCluster cluster, JobId job, Predicate<Observation> wanted) {
        return await().ignoreException(ClusterUnavailableException.class)
                .until(() -> cluster.observe(job), seen -> seen.isPresent() && wanted.test(seen.get()))
                .orElseThrow();
    }

    Attempt awaitAttempt(KubernetesCluster cluster, JobId job, Predicate<Attempt> wanted) {
        return awaitObservation(cluster, job, seen -> seen.attempts().stream().anyMatch(wanted)).attempts().stream()
                .filter(wanted)
                .findFirst()
                .orElseThrow();
    }

    /** Stops as the reconciler does: again and again, until every pod is over or goes within the grace. */
    void stop(KubernetesCluster cluster, Workload workload, Duration grace) {
        await().until(() -> {
            cluster.stop(workload.job(), grace);
            return podsAndThoseGoing(workload.job()).allMatch(pod -> isOver(pod) || goesWithin(pod, grace));
        });
    }

    private static boolean isOver(Pod pod) {
        return List.of("Succeeded", "Failed").contains(pod.getStatus().getPhase());
    }

    private static boolean goesWithin(Pod pod, Duration grace) {
        return pod.getMetadata().getDeletionTimestamp() != null
                && pod.getMetadata().getDeletionGracePeriodSeconds() <= grace.toSeconds();
    }

    List<Pod> awaitPods(Workload workload, int count) {
        return await().until(() -> pods(workload), pods -> pods.size() == count);
    }

    List<Pod> pods(Workload workload) {
        return pods(workload.job());
    }

    /** Those of a job that are not going. */
    public List<Pod> pods(JobId job) {
        return podsAndThoseGoing(job)
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    private Stream<Pod> podsAndThoseGoing(JobId job) {
        return client.pods().inAnyNamespace().withLabel(Labels.JOB_ID, job.toString()).list().getItems().stream();
    }

    public List<Job> jobs(JobId job) {
        return client.batch()
                .v1()
                .jobs()
                .inAnyNamespace()
                .withLabel(Labels.JOB_ID, job.toString())
                .list()
                .getItems();
    }

    /** As an administrator may do. */
    public void suspend(JobId job, boolean suspended) {
        jobs(job)
                .forEach(each -> client.resource(each)
                        .patch(
                                PatchContext.of(PatchType.JSON_MERGE),
                                "{\"spec\":{\"suspend\":%s}}".formatted(suspended)));
    }

    /** A node that nobody's kubelet stands behind. */
    String node(String name, int cpus, int memoryMiB, int gpus) {
        return node(name, cpus, memoryMiB, gpus, Map.of());
    }

    /** @param taints keys of taints against whatever does not tolerate them */
    public String node(String name, int cpus, int memoryMiB, int gpus, Map<String, String> labels, String... taints) {
        String node = platform + "-" + name;
        nodes.add(node);
        client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(node)
                        .withLabels(labels)
                        .endMetadata()
                        .withNewSpec()
                        .withTaints(Stream.of(taints)
                                .map(taint -> new TaintBuilder()
                                        .withKey(taint)
                                        .withEffect("NoSchedule")
                                        .build())
                                .toList())
                        .endSpec()
                        .build())
                .create();
        var amounts = Map.of(
                "cpu",
                new Quantity(Integer.toString(cpus)),
                "memory",
                new Quantity(memoryMiB + "Mi"),
                "pods",
                new Quantity("10"),
                PodTemplates.GPU,
                new Quantity(Integer.toString(gpus)));
        insisting(() -> client.nodes()
                .withName(node)
                .editStatus(found -> new NodeBuilder(found)
                        .editOrNewStatus()
                        .withCapacity(amounts)
                        .withAllocatable(amounts)
                        .addNewCondition()
                        .withType("Ready")
                        .withStatus("True")
                        .withReason("KubeletReady")
                        .withLastHeartbeatTime(Instant.now().toString())
                        .withLastTransitionTime(Instant.now().toString())
                        .endCondition()
                        .endStatus()
                        .build()));
        return node;
    }

    public void cordon(String node) {
        insisting(() -> client.nodes().withName(node).edit(found -> {
            found.getSpec().setUnschedulable(true);
            return found;
        }));
    }

    /** What the kubelet says of a pod's container. */
    void says(Pod pod, String phase, boolean ready, Consumer<ContainerStatusBuilder> container) {
        insisting(() -> write(pod, phase, ready, container));
    }

    /** Controllers write to an object, too: whoever comes second tries again. */
    static <T> T insisting(Callable<T> edit) {
        return await().ignoreExceptionsMatching(
                        each -> each instanceof KubernetesClientException failure && failure.getCode() == 409)
                .until(edit, Objects::nonNull);
    }

    private Pod write(Pod pod, String phase, boolean ready, Consumer<ContainerStatusBuilder> container) {
        return client.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .editStatus(found -> {
                    var status = new ContainerStatusBuilder()
                            .withName(PodTemplates.CONTAINER)
                            .withImage(Workloads.IMAGE)
                            .withImageID("")
                            .withReady(ready)
                            .withRestartCount(0);
                    container.accept(status);
                    return new PodBuilder(found)
                            .editOrNewStatus()
                            .withPhase(phase)
                            .withPodIP("10.1.2.3")
                            .withContainerStatuses(status.build())
                            .removeMatchingFromConditions(each -> each.getType().equals("Ready"))
                            .addNewCondition()
                            .withType("Ready")
                            .withStatus(ready ? "True" : "False")
                            .endCondition()
                            .endStatus()
                            .build();
                });
    }

    /** As whoever does that has kept it from being scheduled. */
    public void letIn(Pod pod) {
        client.resource(pod)
                .patch(PatchContext.of(PatchType.JSON), "[{\"op\":\"remove\",\"path\":\"/spec/schedulingGates\"}]");
    }

    /** As a scheduler does that gives it this node. */
    public void binds(Pod pod, String node) {
        client.bindings()
                .inNamespace(pod.getMetadata().getNamespace())
                .resource(new BindingBuilder()
                        .withNewMetadata()
                        .withName(pod.getMetadata().getName())
                        .endMetadata()
                        .withNewTarget()
                        .withApiVersion("v1")
                        .withKind("Node")
                        .withName(node)
                        .endTarget()
                        .build())
                .create();
    }

    public void runs(Pod pod) {
        runs(pod, true);
    }

    public void runs(Pod pod, boolean ready) {
        says(
                pod,
                "Running",
                ready,
                status -> status.withNewState()
                        .withNewRunning("2026-01-02T03:04:05Z")
                        .endState());
    }

    public void ends(Pod pod, int exitCode, String reason) {
        says(
                pod,
                exitCode == 0 ? "Succeeded" : "Failed",
                false,
                status -> status.withNewState()
                        .withNewTerminated()
                        .withExitCode(exitCode)
                        .withReason(reason)
                        .withStartedAt("2026-01-02T03:04:05Z")
                        .withFinishedAt("2026-01-02T03:05:05Z")
                        .endTerminated()
                        .endState());
    }

    /** A claim as an administrator makes it, on a folder of the node. */
    void claim(String namespace, String name, Path folder) {
        var size = Map.of("storage", new Quantity("1Gi"));
        var byMany = List.of("ReadWriteMany");
        String volume = platform + "-" + name;
        client.resource(new PersistentVolumeBuilder()
                        .withNewMetadata()
                        .withName(volume)
                        .withLabels(Map.of(Labels.PLATFORM, platform))
                        .endMetadata()
                        .withNewSpec()
                        .withCapacity(size)
                        .withAccessModes(byMany)
                        .withStorageClassName("")
                        .withNewHostPath(folder.toString(), "Directory")
                        .endSpec()
                        .build())
                .create();
        client.resource(new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withNewSpec()
                        .withAccessModes(byMany)
                        .withStorageClassName("")
                        .withVolumeName(volume)
                        .withNewResources()
                        .withRequests(size)
                        .endResources()
                        .endSpec()
                        .build())
                .create();
    }

    /** Keeps a deleted pod from going. */
    void hold(Pod pod, boolean held) {
        client.pods()
                .resource(pod)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"finalizers\":[%s]}}".formatted(held ? "\"test.example.org/hold\"" : ""));
    }

    public void disappears(Pod pod) {
        client.pods().resource(pod).withGracePeriod(0).delete();
    }

    public Optional<Pod> pod(Pod pod) {
        return Optional.ofNullable(client.pods().resource(pod).get());
    }

    @Override
    public void close() {
        clusters.forEach(KubernetesCluster::close);
        var ours =
                client.namespaces().withLabel(Labels.PLATFORM, platform).list().getItems();
        ours.forEach(namespace -> client.pods()
                .inNamespace(namespace.getMetadata().getName())
                .withGracePeriod(0)
                .delete());
        client.namespaces().withLabel(Labels.PLATFORM, platform).delete();
        client.persistentVolumes().withLabel(Labels.PLATFORM, platform).delete();
        nodes.forEach(each -> client.nodes().withName(each).delete());
        client.close();
    }
}
