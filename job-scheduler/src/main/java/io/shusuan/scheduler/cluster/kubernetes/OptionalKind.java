package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.APIGroup;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.shusuan.scheduler.cluster.ClusterHealth;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Objects of a kind that not every cluster has. They are watched from when somebody has first asked for them, and as soon as there
 * is such a kind; whoever hands no queue to another scheduler needs no right to see its objects.
 */
final class OptionalKind implements AutoCloseable {

    private static final String BY_OWNER = "owner";

    private final ApiServer api;
    private final String group;
    private final String plural;
    private final String kind;
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

    /** @param cameOrWent is told when what is known of the objects begins or ceases to be current */
    OptionalKind(
            ApiServer api,
            KubernetesSettings settings,
            String group,
            String kind,
            String plural,
            UnaryOperator<GenericKubernetesResource> prune,
            Watched.Listener<GenericKubernetesResource> listener,
            Runnable cameOrWent,
            Clock clock) {
        this.api = api;
        this.group = group;
        this.kind = kind;
        this.plural = plural;
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

    /** Whether the cluster was seen to have no such kind. */
    boolean isMissing() {
        return missing;
    }

    boolean isCurrent() {
        var now = watched;
        return now != null && now.isCurrent();
    }

    Optional<GenericKubernetesResource> get(String namespaceAndName) {
        var now = watched;
        return now == null ? Optional.empty() : Optional.ofNullable(now.get(namespaceAndName));
    }

    List<GenericKubernetesResource> ownedBy(String uid) {
        var now = watched;
        return now == null ? List.of() : now.byIndex(BY_OWNER, uid);
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
        var context = new ResourceDefinitionContext.Builder()
                .withGroup(group)
                .withVersion(version)
                .withKind(kind)
                .withPlural(plural)
                .withNamespaced(true)
                .build();
        return new Watched<>(
                plural,
                () -> namespace == null
                        ? api.client().genericKubernetesResources(context).inAnyNamespace()
                        : api.client().genericKubernetesResources(context).inNamespace(namespace),
                Map.of(
                        BY_OWNER,
                        object -> object.getMetadata().getOwnerReferences().stream()
                                .map(owner -> owner.getUid())
                                .toList()),
                prune,
                listener,
                staleAfter,
                clock);
    }

    @Override
    public void close() {
        var now = watched;
        if (now != null) {
            now.close();
        }
    }
}
