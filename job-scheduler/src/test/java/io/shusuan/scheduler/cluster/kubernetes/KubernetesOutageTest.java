package io.shusuan.scheduler.cluster.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.cluster.Attempt.Phase;
import io.shusuan.scheduler.cluster.ClusterHealth;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.LogQuery;
import io.shusuan.scheduler.cluster.LogReader.Read;
import io.shusuan.scheduler.cluster.Workload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An API server that goes away, comes back, or falls silent without saying so. */
@NeedsKubernetes
class KubernetesOutageTest {

    @TempDir
    private Path folder;

    private RealCluster real;
    private TcpProxy proxy;
    private Path throughProxy;

    @BeforeEach
    void connect() throws Exception {
        real = new RealCluster();
        proxy = TcpProxy.before(real.kubeconfig());
        throughProxy = proxy.kubeconfig(real.kubeconfig(), folder);
    }

    @AfterEach
    void close() {
        proxy.close();
        real.close();
    }

    private KubernetesSettings settings(Duration staleAfter) {
        return real.settings(throughProxy, Set.of(), null, staleAfter);
    }

    @Test
    void everyCallSaysThatTheApiServerIsAwayAndGoesOnWhenItIsBack() throws Exception {
        KubernetesCluster cluster = real.connect(settings(Duration.ofSeconds(90)));
        await().until(() -> cluster.health() instanceof ClusterHealth.Reachable reachable
                && reachable.description().startsWith("Kubernetes v1."));
        Workload before = Workloads.training("before").role("trainer", 1).make();
        Workload during = Workloads.training("during").role("trainer", 1).make();
        cluster.apply(before);
        var pod = real.awaitPods(before, 1).getFirst();
        real.awaitAttempt(cluster, before.job(), each -> each.phase() == Phase.PENDING);

        proxy.cut();
        await().until(() -> cluster.health() instanceof ClusterHealth.Unreachable);
        assertThatThrownBy(() -> cluster.apply(during))
                .isInstanceOf(ClusterUnavailableException.class)
                .hasMessageContaining("does not answer");
        assertThatThrownBy(() -> cluster.observe(before.job())).isInstanceOf(ClusterUnavailableException.class);
        assertThatThrownBy(() -> cluster.stop(before.job(), Duration.ofSeconds(1)))
                .isInstanceOf(ClusterUnavailableException.class);
        assertThatThrownBy(() -> cluster.remove(before.job())).isInstanceOf(ClusterUnavailableException.class);
        assertThatThrownBy(cluster::jobs).isInstanceOf(ClusterUnavailableException.class);
        assertThatThrownBy(cluster::capacity).isInstanceOf(ClusterUnavailableException.class);
        real.runs(pod); // while nobody looks

        proxy.restore();
        await().until(() -> cluster.health() instanceof ClusterHealth.Reachable);
        cluster.apply(during);
        real.awaitAttempt(cluster, during.job(), each -> each.phase() == Phase.PENDING);
        real.awaitAttempt(cluster, before.job(), each -> each.phase() == Phase.RUNNING);
    }

    @Test
    void aWatchThatFallsSilentIsNoticedAndMadeAnew() throws Exception {
        KubernetesCluster cluster = real.connect(settings(Duration.ofMillis(900)));
        Workload begun = Workloads.training("begun").role("trainer", 1).make();
        Workload lost = Workloads.training("lost").role("trainer", 1).make();
        cluster.apply(begun);
        cluster.apply(lost);
        real.awaitAttempt(cluster, begun.job(), each -> each.phase() == Phase.PENDING);
        real.awaitAttempt(cluster, lost.job(), each -> each.phase() == Phase.PENDING);

        proxy.freeze();
        real.awaitPods(begun, 1).forEach(real::runs);
        real.awaitPods(lost, 1).forEach(real::disappears);

        real.awaitAttempt(cluster, begun.job(), each -> each.phase() == Phase.RUNNING);
        real.awaitAttempt(cluster, lost.job(), each -> each.phase() == Phase.FAILED);
    }

    @Test
    void aLogIsUnavailableWhileTheApiServerHangs() throws Exception {
        KubernetesCluster cluster = real.connect(settings(Duration.ofSeconds(90)));
        Workload workload = Workloads.training("asked").role("trainer", 1).make();
        cluster.apply(workload);
        var attempt = real.awaitAttempt(cluster, workload.job(), each -> each.phase() == Phase.PENDING);

        proxy.hang();

        assertThatThrownBy(() -> lastLines(cluster, workload.job(), attempt.uid()))
                .isInstanceOf(ClusterUnavailableException.class)
                .hasMessageContaining("does not answer: no");
        await().until(() -> cluster.health() instanceof ClusterHealth.Unreachable);
        assertThatThrownBy(() -> lastLines(cluster, workload.job(), attempt.uid()))
                .isInstanceOf(ClusterUnavailableException.class);

        proxy.restore();
        await().ignoreException(ClusterUnavailableException.class)
                .until(() -> lastLines(cluster, workload.job(), attempt.uid()), new Read.End()::equals);
    }

    /** What comes first of them. */
    private static Read lastLines(KubernetesCluster cluster, JobId job, String attempt) throws Exception {
        try (var log = cluster.logs(job, attempt, new LogQuery(null, 2, false))) {
            return log.next(Duration.ofSeconds(60));
        }
    }

    @Test
    void thePlatformMayStartBeforeTheApiServerAndKnowsItsNodesFirst() throws Exception {
        proxy.cut();
        KubernetesCluster cluster = real.start(settings(Duration.ofSeconds(90)));
        await().untilAsserted(() -> assertThat(cluster.health().toString()).contains("does not answer"));
        assertThatThrownBy(() -> cluster.observe(JobId.next())).isInstanceOf(ClusterUnavailableException.class);

        proxy.restore();

        await().ignoreException(ClusterUnavailableException.class)
                .until(() -> !cluster.capacity().nodes().isEmpty());
        assertThatThrownBy(cluster::jobs).hasMessageContaining("has not told yet");
        cluster.watchJobs();
        await().ignoreException(ClusterUnavailableException.class)
                .until(() -> cluster.jobs().isEmpty());
    }

    @Test
    void healthSaysWhatTheCallsSay() throws Exception {
        proxy.cut();
        KubernetesCluster cluster = real.start(settings(Duration.ofSeconds(90)));
        cluster.watchJobs();
        await().untilAsserted(() -> assertThat(cluster.health().toString()).contains("does not answer"));

        proxy.restore();
        await().until(() -> cluster.health() instanceof ClusterHealth.Reachable);

        assertThat(cluster.jobs()).isEmpty();
        assertThat(cluster.capacity().nodes()).isNotNull();
    }

    @Test
    void aLongOutageCostsNoThreadsAndNoConnections() throws Exception {
        KubernetesCluster cluster = real.connect(settings(Duration.ofSeconds(90)));
        proxy.cut();
        await().until(() -> cluster.health() instanceof ClusterHealth.Unreachable);
        int threads = Thread.activeCount();
        for (int i = 0; i < 200; i++) {
            assertThatThrownBy(() -> cluster.apply(
                            Workloads.training("futile").role("trainer", 1).make()))
                    .isInstanceOf(ClusterUnavailableException.class);
        }
        assertThat(Thread.activeCount()).isLessThan(threads + 20);
        assertThat(proxy.connections()).isLessThan(20);
    }

    @Test
    void credentialsThatAreNotAcceptedAreSaid() throws Exception {
        Path wrong = Files.writeString(
                folder.resolve("wrong"),
                Files.readString(throughProxy).replaceAll("token:\\s*\"?[^\"} \\n]+", "token: nonsense"));
        KubernetesCluster cluster = real.start(real.settings(wrong, Set.of(), null, Duration.ofSeconds(90)));
        await().until(() -> cluster.health() instanceof ClusterHealth.Unreachable down
                && down.why().contains("does not accept the platform's credentials"));
    }
}
