package io.shusuan.scheduler.cluster.kubernetes;

import static io.shusuan.scheduler.cluster.kubernetes.Labels.MANAGED_BY;
import static io.shusuan.scheduler.cluster.kubernetes.Labels.SHUSUAN;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The namespaces that jobs run in, and what has to be in them before the first pod: the tasks' identity and claims for
 * shared storage. Done once for each; a namespace that somebody else made keeps its labels.
 */
final class Namespaces {

    private final ApiServer api;
    private final Applier applier;
    private final KubernetesSettings settings;
    private final Set<Prepared> prepared = ConcurrentHashMap.newKeySet();

    private record Prepared(String namespace, Set<StorageSource> sources) {}

    Namespaces(ApiServer api, Applier applier, KubernetesSettings settings) {
        this.api = api;
        this.applier = applier;
        this.settings = settings;
    }

    void prepare(String name, PodSecurity security, Set<StorageSource> sources)
            throws ClusterUnavailableException, ClusterRefusedException {
        var wanted = new Prepared(name, Set.copyOf(sources));
        if (prepared.contains(wanted)) {
            return;
        }
        Namespace namespace = api.read(
                "namespace", () -> api.client().namespaces().withName(name).get());
        if (namespace == null || isOurs(namespace)) {
            namespace = applier.apply(namespace(name, security));
        }
        applier.apply(new ServiceAccountBuilder()
                .withNewMetadata()
                .withName(PodTemplates.SERVICE_ACCOUNT)
                .withNamespace(name)
                .withLabels(Labels.ofPlatform(settings.platform()))
                .endMetadata()
                .withAutomountServiceAccountToken(false)
                .build());
        String uid = namespace.getMetadata().getUid();
        for (StorageSource source : sources) {
            for (HasMetadata each : SharedStorage.objects(source, name, uid, settings.platform())) {
                applier.apply(each);
            }
        }
        prepared.add(wanted);
    }

    /** Somebody has deleted it, or what was in it. */
    void forget(String name) {
        prepared.removeIf(each -> each.namespace().equals(name));
    }

    private boolean isOurs(Namespace namespace) {
        return SHUSUAN.equals(Labels.label(namespace, MANAGED_BY))
                && settings.platform().equals(Labels.label(namespace, Labels.PLATFORM));
    }

    private Namespace namespace(String name, PodSecurity security) {
        // A namespace for every queue has to let in the pods of the queue that is trusted most.
        boolean baseline = settings.namespace() == null
                ? security == PodSecurity.BASELINE
                : !settings.baselineQueues().isEmpty();
        String profile = (baseline ? PodSecurity.BASELINE : PodSecurity.RESTRICTED).label();
        Map<String, String> labels = new HashMap<>(Labels.ofPlatform(settings.platform()));
        labels.put("pod-security.kubernetes.io/enforce", profile);
        return new NamespaceBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .endMetadata()
                .build();
    }
}
