package io.shusuan.scheduler.cluster.kubernetes;

import io.shusuan.db.queue.QueueName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the platform uses a Kubernetes cluster.
 *
 * @param kubeconfig the file with address and credentials; if absent {@code KUBECONFIG}, {@code ~/.kube/config} or the
 *     credentials of the pod this runs in
 * @param context the context of that file; its current one if absent
 * @param platform tells this platform's objects from those of another platform in the same cluster
 * @param namespace where every job runs; if absent, one namespace per queue
 * @param namespacePrefix what the namespace of a queue begins with
 * @param baselineQueues the queues that may run images that need root
 * @param runAsUser user and group of the tasks in every other queue
 * @param dnsPolicy of the pods, {@code ClusterFirst} or, where the cluster has no DNS of its own, {@code Default}
 * @param artifacts where jobs write their results; if absent, they are lost with the pod
 * @param levels the labels of nodes that tell where they stand, by the level of topology as jobs name it
 * @param requestTimeout how long one call may take
 * @param staleAfter how long a watch may be silent before what it has told is compared with what is there
 */
public record KubernetesSettings(
        @Nullable Path kubeconfig,
        @Nullable String context,
        String platform,
        @Nullable String namespace,
        String namespacePrefix,
        Set<QueueName> baselineQueues,
        long runAsUser,
        String dnsPolicy,
        @Nullable StorageSource artifacts,
        Map<String, String> levels,
        Duration requestTimeout,
        Duration staleAfter) {

    private static final Set<String> DNS_POLICIES = Set.of("ClusterFirst", "Default");

    public KubernetesSettings {
        baselineQueues = Set.copyOf(baselineQueues);
        levels = Map.copyOf(levels);
        check(Names.isLabel(platform), "platform", platform, "a DNS label of up to 63 characters");
        check(namespace == null || Names.isLabel(namespace), "namespace", namespace, "a DNS label");
        check(Names.isLabel(namespacePrefix + "x"), "namespacePrefix", namespacePrefix, "the beginning of a DNS label");
        check(runAsUser > 0, "runAsUser", runAsUser, "a user id above 0: root is for baseline queues");
        check(DNS_POLICIES.contains(dnsPolicy), "dnsPolicy", dnsPolicy, "ClusterFirst or Default");
        check(requestTimeout.toMillis() >= 100, "requestTimeout", requestTimeout, "at least 100 ms");
        check(staleAfter.toMillis() >= 100, "staleAfter", staleAfter, "at least 100 ms");
    }

    /** What holds when nobody says otherwise. */
    public static KubernetesSettings defaults() {
        return new KubernetesSettings(
                null,
                null,
                "shusuan",
                null,
                "shusuan-",
                Set.of(),
                1000,
                "ClusterFirst",
                null,
                Map.of(),
                Duration.ofSeconds(5),
                Duration.ofSeconds(90));
    }

    PodSecurity podSecurity(QueueName queue) {
        return baselineQueues.contains(queue) ? PodSecurity.BASELINE : PodSecurity.RESTRICTED;
    }

    String namespaceOf(QueueName queue) {
        return namespace == null ? Names.fit(namespacePrefix + queue, Names.MAX_LABEL) : namespace;
    }

    private static void check(boolean holds, String setting, @Nullable Object found, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "Kubernetes setting %s is '%s'; it wants %s".formatted(setting, found, allowed));
        }
    }
}
