package io.shusuan.scheduler;

import io.shusuan.scheduler.job.Levels.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where work runs.
 *
 * @param cluster local, kubernetes, or auto: Kubernetes where KUBECONFIG or the credentials of a pod are given
 * @param home the folder that holds all state on this machine
 * @param topology how nodes are near to each other, from the widest level to the narrowest
 */
@ConfigurationProperties("shusuan")
public record ClusterSettings(
        @DefaultValue("auto") Choice cluster,
        Path home,
        @DefaultValue({}) List<Level> topology,
        @DefaultValue Local local,
        @DefaultValue Kubernetes kubernetes) {

    /** What may be asked for. */
    public enum Choice {
        AUTO,
        LOCAL,
        KUBERNETES;

        /** The adapter that this choice comes to on this machine. */
        public Kind kind() {
            return switch (this) {
                case LOCAL -> Kind.LOCAL;
                case KUBERNETES -> Kind.KUBERNETES;
                case AUTO -> given("KUBECONFIG") || given("KUBERNETES_SERVICE_HOST") ? Kind.KUBERNETES : Kind.LOCAL;
            };
        }

        private static boolean given(String variable) {
            var value = System.getenv(variable);
            return value != null && !value.isBlank();
        }
    }

    /** The adapter that is used. */
    public Kind kind() {
        return cluster.kind();
    }

    /** Which adapter of the cluster port is used. */
    public enum Kind {
        LOCAL,
        KUBERNETES
    }

    /**
     * The local cluster.
     *
     * @param cpus cores that all tasks together may ask for; as many as the machine has, if missing
     * @param memoryMb likewise its memory
     * @param maxTasks tasks at once
     * @param gpus GPUs; those the driver reports, if missing
     * @param path folders put before the tasks' PATH
     * @param firstPort tasks get ports from here
     * @param lastPort to here
     */
    public record Local(
            @Nullable Double cpus,
            @Nullable Long memoryMb,
            @DefaultValue("64") int maxTasks,
            @Nullable Integer gpus,
            @DefaultValue({}) List<Path> path,
            @DefaultValue("20000") int firstPort,
            @DefaultValue("29999") int lastPort) {}

    /**
     * The Kubernetes cluster.
     *
     * @param kubeconfig the file with address and credentials; KUBECONFIG's or those of the pod this runs in, if missing
     * @param context the context of that file; its current one, if missing
     * @param platform tells this platform's objects from those of another platform in the same cluster
     * @param namespace where every job runs; if missing, one namespace per queue
     * @param namespacePrefix what the namespace of a queue begins with
     * @param baselineQueues queues that may run images that need root
     * @param runAsUser user and group of the tasks in every other queue
     * @param dnsPolicy ClusterFirst, or Default where the cluster has no DNS of its own
     * @param artifacts where jobs write their results; if missing, they are lost with the pod
     * @param requestTimeout how long one call may take
     * @param staleAfter how long a watch may be silent before it is checked against what is there
     */
    public record Kubernetes(
            @Nullable Path kubeconfig,
            @Nullable String context,
            @DefaultValue("shusuan") String platform,
            @Nullable String namespace,
            @DefaultValue("shusuan-") String namespacePrefix,
            @DefaultValue({}) List<String> baselineQueues,
            @DefaultValue("1000") long runAsUser,
            @DefaultValue("ClusterFirst") String dnsPolicy,
            @Nullable Artifacts artifacts,
            @DefaultValue("5s") Duration requestTimeout,
            @DefaultValue("90s") Duration staleAfter) {}

    /** The volume that holds all jobs' results: one of a claim, an NFS export, a folder of the nodes. */
    public record Artifacts(
            @Nullable String claim,
            @Nullable String nfsServer,
            @Nullable String nfsPath,
            @Nullable String hostPath) {}
}
