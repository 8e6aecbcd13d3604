package io.shusuan.scheduler.cluster.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * Kueue's definitions as they are published, in the cluster for as long as a test needs them. They come with its Go module, whose
 * checksum is fixed here. What Kueue's controller does the test does, by writing to the same objects what that writes.
 */
public final class InstalledKueue implements AutoCloseable {

    private static final String MODULE = "sigs.k8s.io/kueue@v0.17.0";
    private static final String CHECKSUM = "h1:7hzb38M4eKGzYW+CFv2s1L+swzzacUCHOCXxZmAV90I=";

    private static final ResourceDefinitionContext WORKLOADS = new ResourceDefinitionContext.Builder()
            .withGroup(Kueue.GROUP)
            .withVersion("v1beta2")
            .withKind("Workload")
            .withPlural("workloads")
            .withNamespaced(true)
            .build();

    private final KubernetesClient client;
    private List<HasMetadata> definitions = List.of();

    public InstalledKueue(RealCluster real) throws Exception {
        client = real.client;
        install();
    }

    /** As its installation does, before the controller is started. */
    void install() throws Exception {
        try (var workloads = Files.newInputStream(crd("workloads"))) {
            definitions = client.load(workloads).items();
        }
        uninstall(); // a test that was killed may have left them
        client.resourceList(definitions).create();
        await().ignoreException(KubernetesClientException.class)
                .until(() -> client.genericKubernetesResources(WORKLOADS)
                                .inAnyNamespace()
                                .list()
                        != null);
    }

    private static Path crd(String plural) throws Exception {
        return module().resolve("config/components/crd/bases/%s_%s.yaml".formatted(Kueue.GROUP, plural));
    }

    private static Path module() throws Exception {
        Process go;
        try {
            go = new ProcessBuilder("go", "mod", "download", "-json", MODULE)
                    .directory(Files.createTempDirectory("kueue").toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException noGo) {
            if ("required".equals(System.getProperty("test.kubernetes"))) {
                throw noGo;
            }
            return abort("no Go, whose module proxy has Kueue's definitions");
        }
        var said = new JsonMapper().readTree(go.getInputStream());
        assertThat(go.waitFor()).as("go mod download").isZero();
        assertThat(said.path("Sum").asString()).isEqualTo(CHECKSUM);
        return Path.of(said.path("Dir").asString());
    }

    /** Kueue takes notice of a Job. */
    public GenericKubernetesResource notices(Job job) {
        return notices(
                job,
                job.getMetadata().getName(),
                List.of(podSet(
                        "main",
                        job.getSpec().getParallelism(),
                        job.getSpec().getTemplate().getSpec())));
    }

    /** Kueue takes notice of a group of pods, all of one kind. */
    GenericKubernetesResource notices(String group, List<Pod> pods) {
        return notices(
                pods.getFirst(),
                group,
                List.of(podSet("main", pods.size(), pods.getFirst().getSpec())));
    }

    private static Map<String, Object> podSet(String name, int count, Object podSpec) {
        return Map.of("name", name, "count", count, "template", Map.of("spec", podSpec));
    }

    private GenericKubernetesResource notices(HasMetadata owner, String name, List<?> podSets) {
        var workload = new GenericKubernetesResourceBuilder()
                .withApiVersion(Kueue.GROUP + "/v1beta2")
                .withKind("Workload")
                .withMetadata(new ObjectMetaBuilder()
                        .withName(name)
                        .withNamespace(owner.getMetadata().getNamespace())
                        .withOwnerReferences(new OwnerReferenceBuilder()
                                .withApiVersion(owner.getApiVersion())
                                .withKind(owner.getKind())
                                .withName(owner.getMetadata().getName())
                                .withUid(owner.getMetadata().getUid())
                                .withController(true)
                                .build())
                        .build())
                .addToAdditionalProperties("spec", Map.of("queueName", "team-a", "podSets", podSets))
                .build();
        // By its definition: a client that looks for the kind itself may still remember that there was none.
        return client.genericKubernetesResources(WORKLOADS)
                .inNamespace(owner.getMetadata().getNamespace())
                .resource(workload)
                .create();
    }

    /** Kueue says something of a Workload. */
    public void says(GenericKubernetesResource workload, Map<?, ?>... conditions) {
        writes(workload, Map.of("conditions", List.of(conditions)));
    }

    void writes(GenericKubernetesResource workload, Map<String, Object> status) {
        client.genericKubernetesResources(WORKLOADS)
                .inNamespace(workload.getMetadata().getNamespace())
                .withName(workload.getMetadata().getName())
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        new JsonMapper().writeValueAsString(Map.of("status", status)));
    }

    public static Map<String, Object> condition(String type, boolean holds, String reason, String message) {
        return Map.of(
                "type",
                type,
                "status",
                holds ? "True" : "False",
                "reason",
                reason,
                "message",
                message,
                "lastTransitionTime",
                Instant.now().toString());
    }

    /** As an administrator does who is done with it. */
    void uninstall() {
        client.resourceList(definitions).delete();
        await().until(() ->
                definitions.stream().allMatch(each -> client.resource(each).get() == null));
    }

    @Override
    public void close() {
        uninstall();
    }
}
