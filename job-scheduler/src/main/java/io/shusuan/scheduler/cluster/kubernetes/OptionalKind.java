package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.APIGroup;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.shusuan.scheduler.cluster.ClusterHealth;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.Standing;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Objects of a kind that not every cluster has. They are watched from when somebody has first asked for them, and as soon as there
 * is such a kind; whoever hands no queue to another scheduler needs no right to see its objects.
 */
final class OptionalKind implements AutoCloseable {

    private static final String BY_OWNER = "owner";
    private static final String BY_JOB = "job";

    private final ApiServer api;
    private final String group;
    private final String plural;
    private final String kind;
    private final Map<String, String> labels;
    private final @Nullable String namespace;
    private final UnaryOperator<GenericKubernetesResource> prune;
    private final Watched.Listener<GenericKubernetesResource> listener;
    private final Runnable cameOrWent;
    private final Duration staleAfter;
    private final Clock clock;
    private volatile boolean needed;
    private volatile boolean missing;
    private boolean wasCurrent;
    private volatile @Nullable Watched<GenericKubernetesResource> watched;

    /**
     * @param labels those that the objects have which are watched
     * @param cameOrWent is told when what is known of the objects begins or ceases to be current
     */
    OptionalKind(
            ApiServer api,
            KubernetesSettings settings,
            String group,
            String kind,
            String plural,
            Map<String, String> labels,
            UnaryOperator<GenericKubernetesResource> prune,
            Watched.Listener<GenericKubernetesResource> listener,
            Runnable cameOrWent,
            Clock clock) {
        this.api = api;
        this.group = group;
        this.kind = kind;
        this.plural = plural;
        this.labels = labels;
        this.namespace = settings.namespace();
        this.prune = prune;
        this.listener = listener;
        this.cameOrWent = cameOrWent;
        this.staleAfter = settings.staleAfter();
        this.clock = clock;
    }

    /** As its definition is called. */
    String name() {
        return plural + "." + group;
    }

    /** The version in which the cluster rather has it; nothing, if it has no such kind. */
    Optional<String> version() throws ClusterUnavailableException {
        return api.read("discover", this::discovered);
    }

    private Optional<String> discovered() {
        APIGroup found = api.client().getApiGroup(group);
        if (found == null || found.getPreferredVersion() == null) {
            return Optional.empty();
        }
        var resources = api.client().getApiResources(found.getPreferredVersion().getGroupVersion());
        return resources != null && resources.getResources().stream().anyMatch(each -> plural.equals(each.getName()))
                ? Optional.of(found.getPreferredVersion().getVersion())
                : Optional.empty();
    }

    /** From now on they are watched; called by whoever is about to ask for them. */
    void need() {
        needed = true;
    }

    boolean isCurrent() {
        var now = watched;
        return now != null && now.isCurrent();
    }

    /**
     * Why nothing is known of the objects, if that is so.
     *
     * @param scheduler whose objects they are
     */
    Optional<Standing.Waiting> unknown(String scheduler) {
        if (missing) {
            return Optional.of(new Standing.Waiting(
                    scheduler + "Absent",
                    "waits for %s, which is not installed any more (there is no %s): install it again, or have an administrator take the queue back from it"
                            .formatted(scheduler, name())));
        }
        return isCurrent()
                ? Optional.empty()
                : Optional.of(new Standing.Waiting(
                        scheduler + "Pending",
                        "waits for %s; what it says is not known yet, or the platform lacks the right to see it (deploy/kubernetes/rbac-delegates.yaml)"
                                .formatted(scheduler)));
    }

    Optional<GenericKubernetesResource> get(String namespaceAndName) {
        var now = watched;
        return now == null ? Optional.empty() : Optional.ofNullable(now.get(namespaceAndName));
    }

    List<GenericKubernetesResource> ownedBy(String uid) {
        var now = watched;
        return now == null ? List.of() : now.byIndex(BY_OWNER, uid);
    }

    /** Those that the platform has made for a job. */
    List<GenericKubernetesResource> ofJob(String job) {
        var now = watched;
        return now == null ? List.of() : now.byIndex(BY_JOB, job);
    }

    /** Called by one thread, every few seconds. */
    void check() {
        if (!needed || !(api.health() instanceof ClusterHealth.Reachable)) {
            return;
        }
        if (!isCurrent()) {
            lookForIt();
        }
        var now = watched;
        if (now != null) {
            now.check();
            now.mend(false);
        }
        if (wasCurrent != isCurrent()) {
            wasCurrent = !wasCurrent;
            cameOrWent.run();
        }
    }

    private void lookForIt() {
        Optional<String> version;
        try {
            version = discovered();
        } catch (KubernetesClientException notAnswered) {
            return;
        }
        var now = watched;
        if (version.isEmpty() && now != null) {
            watched = null;
            now.close();
        }
        if (version.isPresent() && now == null) {
            var fresh = watch(version.get());
            watched = fresh;
            fresh.start();
        }
        if (missing != version.isEmpty()) {
            missing = version.isEmpty();
            cameOrWent.run();
        }
    }

    private Watched<GenericKubernetesResource> watch(String version) {
        return new Watched<>(
                plural,
                () -> here(api.client().genericKubernetesResources(in(version))).withLabels(labels),
                Map.of(
                        BY_OWNER,
                        object -> object.getMetadata().getOwnerReferences().stream()
                                .map(owner -> owner.getUid())
                                .toList(),
                        BY_JOB,
                        object -> Stream.ofNullable(Labels.label(object, Labels.JOB_ID))
                                .toList()),
                prune,
                listener,
                staleAfter,
                clock);
    }

    private FilterWatchListDeletable<GenericKubernetesResource, ?, ?> here(
            MixedOperation<GenericKubernetesResource, ?, ?> all) {
        return namespace == null ? all.inAnyNamespace() : all.inNamespace(namespace);
    }

    /** Not by the kind alone: a client that has looked for it may still remember that there was none. */
    private ResourceDefinitionContext in(String version) {
        return new ResourceDefinitionContext.Builder()
                .withGroup(group)
                .withVersion(version)
                .withKind(kind)
                .withPlural(plural)
                .withNamespaced(true)
                .build();
    }

    /** As whoever makes such objects. One whose kind is not there is left out, for whoever waits for it to say so. */
    void apply(GenericKubernetesResource object) throws ClusterUnavailableException, ClusterRefusedException {
        if (version().isEmpty()) {
            return;
        }
        String version = object.getApiVersion().substring(group.length() + 1);
        api.write(
                "apply",
                "%s %s".formatted(kind, object.getMetadata().getName()),
                () -> api.client()
                        .genericKubernetesResources(in(version))
                        .inNamespace(object.getMetadata().getNamespace())
                        .resource(object)
                        .fieldManager(Applier.FIELD_MANAGER)
                        .forceConflicts()
                        .serverSideApply());
    }

    /** Deletes one of them, if it is there. */
    void delete(String namespace, String name) throws ClusterUnavailableException {
        Optional<String> version = version();
        if (version.isPresent()) {
            api.read(
                    "stop",
                    () -> api.client()
                            .genericKubernetesResources(in(version.get()))
                            .inNamespace(namespace)
                            .withName(name)
                            .delete());
        }
    }

    /** Deletes those of them that have these labels, too. */
    void delete(String namespace, Map<String, String> those) throws ClusterUnavailableException {
        Optional<String> version = version();
        if (version.isPresent()) {
            api.read(
                    "release",
                    () -> api.client()
                            .genericKubernetesResources(in(version.get()))
                            .inNamespace(namespace)
                            .withLabels(labels)
                            .withLabels(those)
                            .delete());
        }
    }

    @Override
    public void close() {
        var now = watched;
        if (now != null) {
            now.close();
        }
    }
}
