package io.shusuan.api.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.cluster.kubernetes.KubernetesCluster;
import io.shusuan.scheduler.cluster.kubernetes.KubernetesSettings;
import io.shusuan.scheduler.spec.SpecReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterMetersTest {

    @TempDir
    Path folder;

    /** A call that fails is measured like any other: no API server is needed. */
    @Test
    void callsToTheClusterAndToItsApiServerAreToldApart() throws Exception {
        var meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (var cluster =
                new TimedCluster(new KubernetesCluster(settings(), Clock.systemUTC(), meters), () -> meters)) {
            assertThatThrownBy(() -> cluster.apply(workload())).isInstanceOf(ClusterUnavailableException.class);

            var told = meters.scrape();

            assertThat(told)
                    .contains("shusuan_cluster_calls_seconds_count{call=\"apply\",cluster=\"kubernetes\"")
                    .contains("shusuan_cluster_calls_seconds_bucket{")
                    .contains("shusuan_kubernetes_calls_seconds_count{operation=\"namespace\",outcome=\"unavailable\"}")
                    .contains("shusuan_cluster_watch_silence_seconds{");
        }
    }

    private KubernetesSettings settings() throws Exception {
        int nobody;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = socket.getLocalPort();
        }
        var kubeconfig = Files.writeString(folder.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                current-context: away
                contexts: [{name: away, context: {cluster: away, user: nobody}}]
                clusters: [{name: away, cluster: {server: "http://127.0.0.1:%d"}}]
                users: [{name: nobody, user: {}}]
                """.formatted(nobody));
        var usual = KubernetesSettings.defaults();
        return new KubernetesSettings(
                kubeconfig,
                null,
                usual.platform(),
                usual.namespace(),
                usual.namespacePrefix(),
                Set.of(),
                usual.runAsUser(),
                usual.dnsPolicy(),
                null,
                usual.levels(),
                usual.requestTimeout(),
                usual.staleAfter());
    }

    private static Workload workload() {
        var spec = new SpecReader().read("""
                        jobName: measured
                        kind: training
                        taskRoles:
                        - name: main
                          taskNumber: 1
                          cpuNumber: 1
                          memoryMB: 64
                          command: "true"
                          dockerImage: example/none:v1
                        """.getBytes(StandardCharsets.UTF_8)).spec();
        return new Workload(JobId.next(), 1, Cluster.DEFAULT_GRACE, spec, "ada", Map.of(), Map.of(), List.of(), null);
    }
}
