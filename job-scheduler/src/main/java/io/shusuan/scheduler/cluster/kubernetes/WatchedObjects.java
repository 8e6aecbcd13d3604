package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.shusuan.db.job.JobId;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Everything that is watched, one informer for each kind. */
final class WatchedObjects implements AutoCloseable {

    private static final String BY_JOB = "job";
    private static final String BY_WORKLOAD = "workload";

    private final KubernetesSettings settings;
    private final Clock clock;

    final Watched<ConfigMap> anchors;
    final Watched<Job> jobs;
    final Watched<Deployment> deployments;
    final Watched<Pod> pods;
    final Watched<Pod> otherPods;
    final Watched<Node> nodes;
    final Watched<Event> warnings;

    /** Hears of the changes that concern jobs. */
    interface Listener {
        void anchorChanged(JobId job, boolean gone);

        void workloadChanged(JobId job);

        void podChanged(JobId job, Pod pod, boolean gone);

        void warned(Event event);
    }

    WatchedObjects(
            KubernetesClient client,
            KubernetesSettings settings,
            Listener listener,
            Clock clock,
            MeterRegistry meters) {
        this.settings = settings;
        this.clock = clock;
        anchors = ofJobs(
                "configmaps",
                client::configMaps,
                UnaryOperator.identity(),
                (job, _, gone) -> listener.anchorChanged(job, gone));
        jobs = ofJobs(
                "jobs", () -> client.batch().v1().jobs(), Pruning::job, (job, _, _) -> listener.workloadChanged(job));
        deployments = ofJobs(
                "deployments",
                () -> client.apps().deployments(),
                UnaryOperator.identity(),
                (job, _, _) -> listener.workloadChanged(job));
        pods = ofJobs("pods", client::pods, Pruning::ownPod, listener::podChanged);
        otherPods = watched(
                "other pods",
                () -> client.pods()
                        .inAnyNamespace()
                        .withoutLabel(Labels.PLATFORM, settings.platform())
                        .withoutField("status.phase", "Succeeded")
                        .withoutField("status.phase", "Failed"),
                Map.of(),
                Pruning::otherPod,
                (_, _) -> {});
        nodes = watched("nodes", client::nodes, Map.of(), UnaryOperator.identity(), (_, _) -> {});
        warnings = watched(
                "events",
                () -> here(client.v1().events()).withField("type", "Warning"),
                Map.of(BY_WORKLOAD, event -> List.of(News.workload(event))),
                UnaryOperator.identity(),
                (event, gone) -> {
                    if (!gone) {
                        listener.warned(event);
                    }
                });
        all().forEach(each -> Gauge.builder(
                        "shusuan.cluster.watch.silence",
                        each,
                        watched -> watched.silence().toMillis() / 1000.0)
                .description("Seconds since a watch has last told anything")
                .baseUnit("seconds")
                .tag("cluster", "kubernetes")
                .tag("kind", each.kind())
                .register(meters));
    }

    /** Begins with what the queue wants to know. */
    CompletableFuture<Void> startCapacity() {
        return CompletableFuture.allOf(
                nodes.start().toCompletableFuture(), otherPods.start().toCompletableFuture());
    }

    void startJobs() {
        Stream.of(anchors, jobs, deployments, pods, warnings).forEach(Watched::start);
    }

    Stream<Watched<?>> all() {
        return Stream.of(anchors, jobs, deployments, pods, otherPods, nodes, warnings);
    }

    /** The Jobs and Deployments of a job. */
    Stream<HasMetadata> workloads(JobId job) {
        return Stream.concat(jobs(job).stream(), deployments.byIndex(BY_JOB, job.toString()).stream());
    }

    List<Job> jobs(JobId job) {
        return jobs.byIndex(BY_JOB, job.toString());
    }

    /** The runs of a job of which a Job is suspended, though nobody but the platform admits it. */
    Set<Integer> suspendedRuns(JobId job) {
        return jobs(job).stream()
                .filter(each -> !Labels.isDelegated(each))
                .filter(each -> Boolean.TRUE.equals(each.getSpec().getSuspend()))
                .map(Labels::run)
                .collect(Collectors.toSet());
    }

    List<ConfigMap> anchors(JobId job) {
        return anchors.byIndex(BY_JOB, job.toString());
    }

    List<Pod> pods(JobId job) {
        return pods.byIndex(BY_JOB, job.toString());
    }

    Stream<Event> warnings(JobId job) {
        return workloads(job)
                .flatMap(
                        each -> warnings
                                .byIndex(
                                        BY_WORKLOAD,
                                        each.getMetadata().getNamespace() + "/"
                                                + each.getMetadata().getName())
                                .stream());
    }

    /** Nothing, if there is no such node. */
    Map<String, String> labelsOf(String node) {
        Node found = nodes.get(node);
        return found == null
                ? Map.of()
                : Objects.requireNonNullElse(found.getMetadata().getLabels(), Map.of());
    }

    /** The job whose workload is called so, {@code namespace/name}. */
    Optional<JobId> jobOf(String workload) {
        HasMetadata found = jobs.get(workload);
        if (found == null) {
            found = deployments.get(workload);
        }
        return found == null ? Optional.empty() : Labels.job(found);
    }

    private interface OfJob<T> {
        void changed(JobId job, T object, boolean gone);
    }

    private <T extends HasMetadata> Watched<T> ofJobs(
            String kind,
            Supplier<? extends MixedOperation<T, ?, ?>> operation,
            UnaryOperator<T> prune,
            OfJob<T> listener) {
        Function<T, List<String>> job = object -> {
            String id = Labels.label(object, Labels.JOB_ID);
            return id == null ? List.of() : List.of(id);
        };
        return watched(
                kind,
                () -> here(operation.get()).withLabels(Labels.ofPlatform(settings.platform())),
                Map.of(BY_JOB, job),
                prune,
                (object, gone) -> Labels.job(object).ifPresent(id -> listener.changed(id, object, gone)));
    }

    /** In the one namespace, or in all. */
    private <T extends HasMetadata> FilterWatchListDeletable<T, ?, ?> here(MixedOperation<T, ?, ?> operation) {
        String namespace = settings.namespace();
        return namespace == null ? operation.inAnyNamespace() : operation.inNamespace(namespace);
    }

    private <T extends HasMetadata> Watched<T> watched(
            String kind,
            Supplier<FilterWatchListDeletable<T, ?, ?>> query,
            Map<String, Function<T, List<String>>> indexers,
            UnaryOperator<T> prune,
            Watched.Listener<T> listener) {
        return new Watched<>(kind, query, indexers, prune, listener, settings.staleAfter(), clock);
    }

    @Override
    public void close() {
        all().forEach(Watched::close);
    }
}
