package io.shusuan.scheduler.cluster.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.ServiceType;
import io.shusuan.scheduler.spec.TaskPort;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a workload becomes in the API server, and what the API server does not let in. */
@NeedsKubernetes
class KubernetesApplyTest {

    private static final QueueName TRUSTED = new QueueName("trusted");

    private static RealCluster real;
    private static KubernetesCluster cluster;

    @BeforeAll
    static void connect() {
        real = new RealCluster();
        cluster = real.connect(real.settings(real.kubeconfig(), Set.of(TRUSTED), null, Duration.ofSeconds(90)));
    }

    @AfterAll
    static void close() {
        real.close();
    }

    @Test
    void aTrainingRoleBecomesAnIndexedJob() throws Exception {
        Workload workload = Workloads.training("digits-train")
                .env("GREETING", "pay $5 to $(HOST)")
                .role("trainer", 3, new Resources(1500, 2048, 2), "echo $$ $(hostname)", Workloads.IMAGE)
                .make();

        cluster.apply(workload);

        var job = real.client
                .batch()
                .v1()
                .jobs()
                .inNamespace(real.namespace(workload))
                .withName(RealCluster.name(workload, "trainer"))
                .require();
        assertThat(job.getSpec().getCompletionMode()).isEqualTo("Indexed");
        assertThat(job.getSpec().getCompletions()).isEqualTo(3);
        assertThat(job.getSpec().getParallelism()).isEqualTo(3);
        assertThat(job.getSpec().getBackoffLimit()).isZero();
        assertThat(job.getMetadata().getLabels())
                .containsEntry("app.kubernetes.io/managed-by", "shusuan")
                .containsEntry("shusuan.io/job-id", workload.job().toString())
                .containsEntry("shusuan.io/job-name", "digits-train")
                .containsEntry("shusuan.io/role", "trainer")
                .containsEntry("shusuan.io/owner", "ada-example.org");
        assertThat(objects(workload)).extracting(HasMetadata::getKind).containsExactly("Job");
        assertThat(job.getMetadata().getOwnerReferences()).isEmpty();

        var pod = job.getSpec().getTemplate().getSpec();
        assertThat(pod.getRestartPolicy()).isEqualTo("Never");
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(1000);
        assertThat(pod.getTerminationGracePeriodSeconds()).isEqualTo(10);
        var container = pod.getContainers().getFirst();
        assertThat(container.getCommand()).containsExactly("/bin/sh", "-c", "echo $$$$ $$(hostname)");
        assertThat(container.getResources().getLimits())
                .isEqualTo(container.getResources().getRequests());
        assertThat(container.getResources().getLimits()).hasToString("{cpu=1500m, memory=2Gi, nvidia.com/gpu=2}");
        assertThat(container.getEnv())
                .filteredOn(each -> each.getName().equals("GREETING"))
                .singleElement()
                .satisfies(each -> assertThat(each.getValue()).isEqualTo("pay $$5 to $$(HOST)"));
    }

    @Test
    void whatThePlatformTellsItsAgentsStaysInASecret() throws Exception {
        Workload workload = Workloads.inference("reporting")
                .env("SHUSUAN_AGENT_REPORT_TOKEN", "not the job's to say")
                .platformEnv("SHUSUAN_AGENT_REPORT_TOKEN", "sha_top-$ecret")
                .role("server", 1, new TaskPort("http", 5000))
                .make();

        cluster.apply(workload);

        String namespace = real.namespace(workload);
        var env = real.client
                .apps()
                .deployments()
                .inNamespace(namespace)
                .withName(RealCluster.name(workload, "server"))
                .require()
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getEnv();
        assertThat(env.toString()).doesNotContain("top-", "not the job's");
        var reference = env.stream()
                .filter(each -> each.getName().equals("SHUSUAN_AGENT_REPORT_TOKEN"))
                .findFirst()
                .orElseThrow()
                .getValueFrom()
                .getSecretKeyRef();
        var secret = real.client
                .secrets()
                .inNamespace(namespace)
                .withName(reference.getName())
                .require();
        assertThat(new String(Base64.getDecoder().decode(secret.getData().get(reference.getKey())), UTF_8))
                .isEqualTo("sha_top-$ecret");
        assertThat(secret.getMetadata().getOwnerReferences())
                .singleElement()
                .satisfies(owner -> assertThat(owner.getKind()).isEqualTo("ConfigMap"));
    }

    @Test
    void aRoleThatTellsByAPathIsAskedForItByTheKubelet() throws Exception {
        var health = new TaskPort("health", 8080);
        Workload workload = Workloads.inference("tells")
                .readyBy("/v2/health/ready", health)
                .role("server", 1, new TaskPort("http", 5000), health)
                .make();

        cluster.apply(workload);

        var template = real.client
                .apps()
                .deployments()
                .inNamespace(real.namespace(workload))
                .withName(RealCluster.name(workload, "server"))
                .require()
                .getSpec()
                .getTemplate();
        var probe = template.getSpec().getContainers().getFirst().getReadinessProbe();
        assertThat(probe.getTcpSocket()).isNull();
        assertThat(probe.getHttpGet().getPath()).isEqualTo("/v2/health/ready");
        assertThat(probe.getHttpGet().getPort()).isEqualTo(new IntOrString(8080));
        assertThat(probe.getHttpGet().getScheme()).isEqualTo("HTTP");
        assertThat(List.of(probe.getPeriodSeconds(), probe.getTimeoutSeconds(), probe.getFailureThreshold()))
                .containsExactly(1, 5, 3);
        assertThat(template.getMetadata().getAnnotations()).containsEntry(Labels.READINESS, "8080/v2/health/ready");
    }

    @Test
    void anInferenceRoleBecomesADeploymentWithServiceAndIngress() throws Exception {
        Workload workload = Workloads.inference("digits-serve")
                .service(ServiceType.NODE_PORT)
                .ingress("digits.example.org", "/models")
                .role("server", 2, new TaskPort("port-0", 5000), new TaskPort("grpc", 8001))
                .make();

        cluster.apply(workload);

        String namespace = real.namespace(workload);
        String name = RealCluster.name(workload, "server");
        var deployment = real.client
                .apps()
                .deployments()
                .inNamespace(namespace)
                .withName(name)
                .require();
        assertThat(deployment.getSpec().getReplicas()).isEqualTo(2);
        assertThat(deployment
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getReadinessProbe()
                        .getTcpSocket()
                        .getPort())
                .isEqualTo(new IntOrString(5000));
        assertThat(deployment.getSpec().getTemplate().getMetadata().getAnnotations())
                .doesNotContainKey(Labels.READINESS);
        var service =
                real.client.services().inNamespace(namespace).withName(name).require();
        assertThat(service.getSpec().getType()).isEqualTo("NodePort");
        assertThat(service.getSpec().getPorts())
                .extracting(port -> port.getName() + " " + port.getPort() + " "
                        + port.getTargetPort().getIntVal())
                .containsExactly("port-0 80 5000", "grpc 8001 8001");
        var ingress = real.client
                .network()
                .v1()
                .ingresses()
                .inNamespace(namespace)
                .withName(name)
                .require();
        assertThat(ingress.getSpec().getIngressClassName()).isEqualTo("nginx");
        assertThat(ingress.getMetadata().getAnnotations())
                .containsEntry("nginx.ingress.kubernetes.io/proxy-body-size", "16m");
        var rule = ingress.getSpec().getRules().getFirst();
        assertThat(rule.getHost()).isEqualTo("digits.example.org");
        assertThat(rule.getHttp().getPaths().getFirst().getPath()).isEqualTo("/models");
        assertThat(rule.getHttp()
                        .getPaths()
                        .getFirst()
                        .getBackend()
                        .getService()
                        .getName())
                .isEqualTo(name);
    }

    @Test
    void toApplyTwiceChangesNothing() throws Exception {
        Workload workload = Workloads.inference("twice")
                .ingress("twice.example.org", "/")
                .role("server", 1, new Resources(1500, 1024, 0), "sleep 1", Workloads.IMAGE, new TaskPort("http", 5000))
                .make();
        cluster.apply(workload);
        var deployments = real.client.apps().deployments().inNamespace(real.namespace(workload));
        await().until(() -> deployments
                        .withName(RealCluster.name(workload, "server"))
                        .require()
                        .getStatus()
                        .getObservedGeneration()
                != null);
        List<String> before = specVersions(workload);

        cluster.apply(workload);

        assertThat(specVersions(workload)).isEqualTo(before);
    }

    @Test
    void whatOthersChangeIsPutBack() throws Exception {
        Workload workload = Workloads.inference("meddled")
                .role("server", 2, new TaskPort("http", 5000))
                .make();
        cluster.apply(workload);
        var deployment = real.client
                .apps()
                .deployments()
                .inNamespace(real.namespace(workload))
                .withName(RealCluster.name(workload, "server"));
        RealCluster.insisting(() -> deployment.edit(found -> new DeploymentBuilder(found)
                .editSpec()
                .withReplicas(7)
                .endSpec()
                .build()));

        cluster.apply(workload);

        assertThat(deployment.require().getSpec().getReplicas()).isEqualTo(2);
    }

    @Test
    void severalRolesHaveAnAnchorThatOwnsThem() throws Exception {
        Workload workload = Workloads.training("several")
                .role("trainer", 1)
                .role("reader", 1)
                .make();

        cluster.apply(workload);

        assertThat(objects(workload))
                .extracting(HasMetadata::getKind)
                .containsExactlyInAnyOrder("ConfigMap", "Job", "Job");
        assertThat(objects(workload).filter(each -> each.getKind().equals("Job")))
                .allSatisfy(each -> assertThat(each.getMetadata().getOwnerReferences())
                        .singleElement()
                        .satisfies(owner -> assertThat(owner.getKind()).isEqualTo("ConfigMap")));
    }

    @Test
    void aJobThatIsAllThereIsGoesWithItsRuns() throws Exception {
        Workload first = Workloads.training("alone").role("trainer", 1).make();
        cluster.apply(first);
        Workload second = Workloads.training("alone")
                .of(first.job())
                .run(2)
                .role("trainer", 1)
                .make();
        cluster.apply(second);
        cluster.apply(second); // and again
        assertThat(objects(first)).extracting(HasMetadata::getKind).containsExactly("Job", "Job");
        cluster.release(first.job());
        await().until(() -> cluster.jobs().contains(first.job()));

        await().ignoreException(ClusterUnavailableException.class).until(() -> {
            cluster.remove(first.job());
            return objects(first).findAny().isEmpty();
        });

        await().until(() -> cluster.observe(first.job()).isEmpty());
    }

    @Test
    void whoeverDeletesAJobThatIsAllThereIsLeavesNothingToWaitFor() throws Exception {
        Workload workload = Workloads.training("deleted").role("trainer", 1).make();
        cluster.apply(workload);
        assertThat(cluster.observe(workload.job())).isPresent();
        real.awaitAttempt(cluster, workload.job(), each -> true);

        real.client
                .batch()
                .v1()
                .jobs()
                .inNamespace(real.namespace(workload))
                .withName(RealCluster.name(workload, "trainer"))
                .delete();

        await().until(() -> cluster.observe(workload.job()).isEmpty());
    }

    @Test
    void whatAnEarlierVersionMadeKeepsItsAnchor() throws Exception {
        Workload first = Workloads.training("earlier").role("trainer", 1).make();
        cluster.apply(Workloads.training("neighbour").role("trainer", 1).make()); // makes the namespace
        real.client
                .resource(
                        new JobManifests(first, real.settings(), null, new TaskSpreads(real.settings(), _ -> Map.of()))
                                .anchor())
                .create();
        await().until(() -> cluster.jobs().contains(first.job()));

        cluster.apply(first);

        assertThat(objects(first)).extracting(HasMetadata::getKind).containsExactly("ConfigMap", "Job");
        assertThat(objects(first).filter(each -> each.getKind().equals("Job")))
                .allSatisfy(each ->
                        assertThat(each.getMetadata().getOwnerReferences()).hasSize(1));
        cluster.remove(first.job());
        await().until(() -> objects(first).findAny().isEmpty());
    }

    @Test
    void removingTheAnchorTakesEverythingWithIt() throws Exception {
        Workload workload = Workloads.inference("removed")
                .ingress("removed.example.org", "/")
                .role("server", 1, new TaskPort("http", 5000))
                .make();
        cluster.apply(workload);
        real.awaitPods(workload, 1);
        real.awaitObservation(cluster, workload.job(), seen -> seen.attempts().size() == 1);

        cluster.remove(workload.job());

        await().until(() -> objects(workload).findAny().isEmpty());
        await().until(() -> !cluster.jobs().contains(workload.job()));
        await().until(() -> cluster.observe(workload.job()).isEmpty());
        cluster.remove(workload.job()); // and again
    }

    @Test
    void whatLeadsToAJobGoesWithItsEndAndTheAnchorStays() throws Exception {
        Workload workload = Workloads.inference("over")
                .ingress("over.example.org", "/")
                .platformEnv("SHUSUAN_AGENT_REPORT_TOKEN", "sha_1")
                .role("server", 1, new TaskPort("http", 5000))
                .make();
        cluster.apply(workload);
        real.awaitAttempt(cluster, workload.job(), each -> true);
        cluster.stop(workload.job(), Duration.ZERO);

        await().ignoreException(ClusterUnavailableException.class).until(() -> {
            cluster.release(workload.job());
            return true;
        });

        await().untilAsserted(() ->
                assertThat(objects(workload)).extracting(HasMetadata::getKind).containsExactly("ConfigMap"));
        assertThat(cluster.observe(workload.job()).orElseThrow().attempts()).isNotEmpty();
        cluster.release(workload.job()); // and again
        cluster.apply(workload);
        assertThat(objects(workload))
                .extracting(HasMetadata::getKind)
                .contains("Deployment", "Service", "Ingress", "Secret");
    }

    @Test
    void aRefusalOfAnyObjectLeavesNoneBehind() {
        Workload unmade = Workloads.inference("unmade")
                .platformEnv("SHUSUAN_AGENT_REPORT_TOKEN", "sha_1")
                .role("server", 1, new TaskPort("api", 5000), new TaskPort("web", 80))
                .make();
        assertThatThrownBy(() -> cluster.apply(unmade)).isInstanceOf(ClusterRefusedException.class);
        assertThat(objects(unmade)).isEmpty();

        Workload unlike = Workloads.inference("unlike")
                .platformEnv("SHUSUAN_AGENT_REPORT_TOKEN", "sha_1")
                .ingress("no_host_of_this_name", "/")
                .role("server", 1, new TaskPort("http", 5000))
                .make();
        assertThatThrownBy(() -> cluster.apply(unlike)).isInstanceOf(ClusterRefusedException.class);
        await().until(() -> objects(unlike).findAny().isEmpty());
    }

    @Test
    void anotherPlatformProcessSeesWhatIsThereAndNotWhatIsOfOthers() throws Exception {
        Workload workload = Workloads.training("orphan").role("trainer", 1).make();
        cluster.apply(workload);
        try (var stranger = new RealCluster()) {
            assertThat(real.connect().jobs()).contains(workload.job());
            assertThat(stranger.connect().jobs()).isEmpty();
        }
    }

    @Test
    void aJobIsThereAsSoonAsItIsApplied() throws Exception {
        Workload workload = Workloads.training("at-once").role("trainer", 1).make();
        cluster.apply(workload);
        assertThat(cluster.observe(workload.job())).isPresent();
        assertThat(cluster.jobs()).contains(workload.job());
        assertThat(cluster.observe(JobId.next())).isEmpty();
    }

    @Test
    void aJobIsNotAppliedOverOneThatIsGoing() throws Exception {
        Workload workload = Workloads.inference("again")
                .role("server", 1, new TaskPort("http", 5000))
                .make();
        cluster.apply(workload);
        var pod = real.awaitPods(workload, 1).getFirst();
        real.hold(pod, true);
        cluster.stop(workload.job(), Duration.ofSeconds(10));

        assertThatThrownBy(() -> cluster.apply(workload))
                .isInstanceOf(ClusterUnavailableException.class)
                .hasMessageContaining("still being deleted");

        real.hold(pod, false);
        await().ignoreException(ClusterUnavailableException.class).until(() -> {
            cluster.apply(workload);
            return true;
        });
    }

    @Test
    void aPodThatItsNamespaceForbidsIsRefusedWithWhatToChange() {
        Workload workload =
                Workloads.training("rooted").queue("trusted").role("trainer", 1).make();
        String namespace = real.namespace(workload);
        real.client
                .resource(new io.fabric8.kubernetes.api.model.NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .endMetadata()
                        .build())
                .create();
        try {
            assertThatThrownBy(() -> cluster.apply(workload))
                    .isInstanceOfSatisfying(ClusterRefusedException.class, refused -> {
                        assertThat(refused.reason()).isEqualTo("POD_SECURITY");
                        assertThat(refused)
                                .hasMessageContaining("'restricted'")
                                .hasMessageContaining("runAsNonRoot")
                                .hasMessageContaining("queue");
                    });
        } finally {
            real.client.namespaces().withName(namespace).delete();
        }
    }

    @Test
    void aQuotaWithoutRoomIsRefusedWithTheNumbers() throws Exception {
        Workload first =
                Workloads.training("small").queue("tight").role("trainer", 1).make();
        cluster.apply(first);
        real.client
                .resource(new ResourceQuotaBuilder()
                        .withNewMetadata()
                        .withName("tight")
                        .withNamespace(real.namespace(first))
                        .endMetadata()
                        .withNewSpec()
                        .addToHard("requests.cpu", new io.fabric8.kubernetes.api.model.Quantity("1"))
                        .endSpec()
                        .build())
                .create();
        Workload second = Workloads.training("large")
                .queue("tight")
                .role("trainer", 1, new Resources(4000, 64, 0), "true", Workloads.IMAGE)
                .make();

        // The quota is enforced as soon as its controller has counted.
        await().untilAsserted(() -> assertThatThrownBy(() -> cluster.apply(second))
                .isInstanceOfSatisfying(ClusterRefusedException.class, refused -> {
                    assertThat(refused.reason()).isEqualTo("QUOTA_EXCEEDED");
                    assertThat(refused).hasMessageContaining("requests.cpu=4").hasMessageContaining("requests.cpu=1");
                }));
        assertThat(objects(second)).isEmpty();
    }

    @Test
    void anInvalidObjectIsRefusedByTheFieldOfTheJob() {
        Workload workload = Workloads.training("odd")
                .env("NOT=A NAME", "x")
                .role("trainer", 1)
                .make();
        assertThatThrownBy(() -> cluster.apply(workload))
                .isInstanceOfSatisfying(ClusterRefusedException.class, refused -> {
                    assertThat(refused.reason()).isEqualTo("INVALID");
                    assertThat(refused).hasMessageContaining("env (spec.containers[0].env");
                });
    }

    @Test
    void whatKubernetesCannotDoIsRefusedBeforehand() {
        assertThatThrownBy(() -> cluster.apply(Workloads.training("imageless")
                        .role("trainer", 1, new Resources(100, 64, 0), "true", null)
                        .make()))
                .isInstanceOfSatisfying(
                        ClusterRefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo("NO_IMAGE"));
        assertThatThrownBy(() -> cluster.apply(Workloads.inference("eighty")
                        .role("server", 1, new TaskPort("api", 5000), new TaskPort("web", 80))
                        .make()))
                .isInstanceOfSatisfying(
                        ClusterRefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo("SERVICE_PORT_TAKEN"));
        assertThatThrownBy(() -> cluster.apply(Workloads.training("reader")
                        .artifactsOf(JobId.next(), "model", "/model")
                        .role("trainer", 1)
                        .make()))
                .isInstanceOfSatisfying(
                        ClusterRefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo("NO_ARTIFACTS"));
    }

    @Test
    void sharedFoldersAreReachedThroughClaims() throws Exception {
        var settings = real.settings(
                real.kubeconfig(), Set.of(), new StorageSource.HostPath("/srv/artifacts"), Duration.ofSeconds(90));
        JobId source = JobId.next();
        Workload workload = Workloads.training("stored")
                .queue("stores")
                .artifactsOf(source, "model", "/model")
                .mount(new io.shusuan.scheduler.spec.Mount.Nfs(
                        "data", "/data", true, "nfs.example.org", "/exports/data"))
                .role("trainer", 1)
                .make();

        var storing = real.connect(settings);
        storing.apply(workload);
        storing.apply(workload);

        var claims = real.client.persistentVolumeClaims().inNamespace(real.namespace(workload));
        await().untilAsserted(() -> assertThat(claims.list().getItems())
                .hasSize(2)
                .allSatisfy(claim -> assertThat(claim.getStatus().getPhase()).isEqualTo("Bound")));
        var pod = real.awaitPods(workload, 1).getFirst();
        assertThat(pod.getSpec().getVolumes())
                .allSatisfy(
                        volume -> assertThat(volume.getPersistentVolumeClaim()).isNotNull());
        assertThat(pod.getSpec().getContainers().getFirst().getVolumeMounts())
                .extracting(each -> each.getMountPath() + " " + each.getSubPath() + " " + each.getReadOnly())
                .containsExactly(
                        "/shusuan/artifacts " + workload.job() + " null",
                        "/model " + source + " true",
                        "/data null true");
    }

    private static List<String> specVersions(Workload workload) {
        return objects(workload)
                .map(each -> each.getKind() + " "
                        + (each.getMetadata().getGeneration() == null
                                ? each.getMetadata().getResourceVersion()
                                : each.getMetadata().getGeneration().toString()))
                .toList();
    }

    private static Stream<HasMetadata> objects(Workload workload) {
        String namespace = real.namespace(workload);
        String id = workload.job().toString();
        return Stream.of(
                        real.client
                                .configMaps()
                                .inNamespace(namespace)
                                .withLabel(Labels.JOB_ID, id)
                                .list(),
                        real.client
                                .batch()
                                .v1()
                                .jobs()
                                .inNamespace(namespace)
                                .withLabel(Labels.JOB_ID, id)
                                .list(),
                        real.client
                                .apps()
                                .deployments()
                                .inNamespace(namespace)
                                .withLabel(Labels.JOB_ID, id)
                                .list(),
                        real.client
                                .services()
                                .inNamespace(namespace)
                                .withLabel(Labels.JOB_ID, id)
                                .list(),
                        real.client
                                .secrets()
                                .inNamespace(namespace)
                                .withLabel(Labels.JOB_ID, id)
                                .list(),
                        real.client
                                .network()
                                .v1()
                                .ingresses()
                                .inNamespace(namespace)
                                .withLabel(Labels.JOB_ID, id)
                                .list())
                .flatMap(list -> list.getItems().stream());
    }
}
