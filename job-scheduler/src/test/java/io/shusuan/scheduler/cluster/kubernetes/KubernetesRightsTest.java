package io.shusuan.scheduler.cluster.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.shusuan.db.queue.Delegate;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.cluster.Attempt.Phase;
import io.shusuan.scheduler.cluster.ClusterHealth;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.NodeMode;
import io.shusuan.scheduler.cluster.Standing;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.TaskPort;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The platform with the rights that deploy/kubernetes/rbac.yaml gives it, and no others. */
@NeedsKubernetes
class KubernetesRightsTest {

    @TempDir
    private Path folder;

    private RealCluster real;
    private final List<HasMetadata> rights = new ArrayList<>();

    @BeforeEach
    void grant() throws Exception {
        real = new RealCluster();
        grant("rbac.yaml");
    }

    private void grant(String file) throws Exception {
        String text = Files.readString(Path.of("../deploy/kubernetes").resolve(file))
                .replaceAll("name(space)?: shusuan\\b", "name$1: rights-" + real.platform);
        rights.addAll(real.client
                .load(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
                .create());
    }

    @AfterEach
    void close() {
        real.client.resourceList(rights).delete();
        real.close();
    }

    private KubernetesCluster connect() throws Exception {
        return real.connect(settings("rights-" + real.platform));
    }

    private KubernetesSettings settings(String account) throws Exception {
        String token = real.client
                .serviceAccounts()
                .inNamespace("rights-" + real.platform)
                .withName(account)
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withExpirationSeconds(3600L)
                        .endSpec()
                        .build())
                .getStatus()
                .getToken();
        Path kubeconfig = Files.writeString(
                folder.resolve("kubeconfig"),
                Files.readString(real.kubeconfig()).replaceAll("token:\\s*\"?[^\"} \\n]+", "token: " + token));
        return real.settings(
                kubeconfig, Set.<QueueName>of(), new StorageSource.HostPath("/srv/artifacts"), Duration.ofSeconds(90));
    }

    @Test
    void theyAreEnoughForTheWholeLifeOfAJob() throws Exception {
        KubernetesCluster cluster = connect();
        Workload training = Workloads.training("allowed").role("trainer", 1).make();
        Workload serving = Workloads.inference("allowed-too")
                .platformEnv("SHUSUAN_AGENT_REPORT_TOKEN", "sha_1")
                .ingress("allowed.example.org", "/")
                .role("server", 1, new TaskPort("http", 5000))
                .make();
        cluster.apply(training);
        cluster.apply(serving);
        real.awaitAttempt(cluster, training.job(), each -> each.phase() == Phase.PENDING);
        real.awaitAttempt(cluster, serving.job(), each -> each.phase() == Phase.PENDING);
        cluster.capacity();
        var node = real.node("allowed", 1, 64, 0);
        cluster.setMode(node, NodeMode.DRAINING);
        await().until(() -> cluster.draining().contains(node));
        cluster.stop(training.job(), Duration.ofSeconds(1));
        cluster.stop(serving.job(), Duration.ofSeconds(1));
        real.awaitObservation(cluster, training.job(), seen -> seen.isHalted(1));
        cluster.apply(Workloads.training("allowed")
                .of(training.job())
                .run(3)
                .role("trainer", 1)
                .make());
        await().until(() -> real.jobs(training.job()).size() == 1);
        await().ignoreException(ClusterUnavailableException.class).until(() -> {
            cluster.release(serving.job());
            return true;
        });
        cluster.remove(training.job());
        cluster.remove(serving.job());
        await().until(() -> cluster.jobs().isEmpty());
    }

    @Test
    void whatKueueSaysIsSeenWithThoseForDelegates() throws Exception {
        grant("rbac-delegates.yaml");
        try (var kueue = new InstalledKueue(real)) {
            KubernetesCluster cluster = connect();
            await().untilAsserted(() -> assertThatCode(() -> cluster.requireInstalled(Delegate.Scheduler.KUEUE))
                    .doesNotThrowAnyException());
            Workload workload = Workloads.training("handed-over")
                    .handedTo(Delegate.Scheduler.KUEUE, "team-a")
                    .role("trainer", 1)
                    .make();
            cluster.apply(workload);
            kueue.says(
                    kueue.notices(real.jobs(workload.job()).getFirst()),
                    InstalledKueue.condition("QuotaReserved", false, "Inadmissible", "there is no LocalQueue"));

            real.awaitObservation(
                    cluster,
                    workload.job(),
                    seen -> seen.standing(1) instanceof Standing.Waiting waiting
                            && waiting.reason().equals("KueueInadmissible"));
            cluster.stop(workload.job(), Duration.ofSeconds(1));
            await().until(() -> real.jobs(workload.job()).isEmpty());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"VOLCANO", "KAI"})
    void groupsOfPodsAreMadeSeenAndRemovedWithThem(Delegate.Scheduler scheduler) throws Exception {
        grant("rbac-delegates.yaml");
        try (var installed = new InstalledPodGroups(scheduler, real)) {
            KubernetesCluster cluster = connect();
            Workload workload = Workloads.training("handed-over")
                    .handedTo(scheduler, "team-a")
                    .role("trainer", 1)
                    .make();
            cluster.apply(workload);
            real.awaitObservation(
                    cluster,
                    workload.job(),
                    seen -> seen.standing(1) instanceof Standing.Waiting waiting
                            && waiting.reason().endsWith("Unnoticed"));
            cluster.stop(workload.job(), Duration.ofSeconds(1));
            await().until(() -> installed.groups(workload.job()).isEmpty());
        }
    }

    @Test
    void healthSaysWhatTheCallsSayWhereNothingMayBeSeen() throws Exception {
        var accounts = real.client.serviceAccounts().inNamespace("rights-" + real.platform);
        await().until(() -> accounts.withName("default").get() != null);
        KubernetesCluster cluster = real.start(settings("default"));
        cluster.watchJobs();

        await().untilAsserted(() -> assertThat(cluster.health())
                .isInstanceOfSatisfying(
                        ClusterHealth.Unreachable.class,
                        away -> assertThat(away.why()).contains("has not told yet which configmaps")));
        assertThatThrownBy(cluster::jobs).hasMessageContaining("has not told yet which configmaps");
    }

    @Test
    void aMissingOneIsNamed() throws Exception {
        KubernetesCluster cluster = connect();
        String role = "rights-" + real.platform;
        RealCluster.insisting(() -> real.client
                .rbac()
                .clusterRoles()
                .withName(role)
                .edit(found -> {
                    found.getRules().removeIf(rule -> rule.getApiGroups().contains("batch"));
                    return found;
                }));
        Workload workload = Workloads.training("forbidden").role("trainer", 1).make();
        // The API server's authorizer learns of it within moments.
        await().untilAsserted(() -> assertThatThrownBy(() -> cluster.apply(workload))
                .isInstanceOf(ClusterUnavailableException.class)
                .hasMessageContaining("lacks a right")
                .hasMessageContaining("\"jobs\"")
                .hasMessageContaining("rbac.yaml"));
        assertThat(cluster.jobs()).isNotNull();
    }
}
