package io.shusuan.scheduler.cluster.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * The definition by which another scheduler says what it thinks, in the cluster for as long as a test needs it. What the scheduler
 * does the test does, by writing to the same objects what that writes.
 */
final class InstalledDefinitions implements AutoCloseable {

    private final KubernetesClient client;
    private final ResourceDefinitionContext kind;
    private final List<HasMetadata> definitions;

    InstalledDefinitions(RealCluster real, ResourceDefinitionContext kind, InputStream definition) {
        this.client = real.client;
        this.kind = kind;
        this.definitions = client.load(definition).items();
        install();
    }

    /** As its installation does, before the scheduler is started. */
    void install() {
        uninstall(); // a test that was killed may have left them
        client.resourceList(definitions).create();
        await().ignoreException(KubernetesClientException.class)
                .until(() -> objects().inAnyNamespace().list() != null);
    }

    /** By their definition: a client that looks for the kind itself may still remember that there was none. */
    MixedOperation<GenericKubernetesResource, GenericKubernetesResourceList, Resource<GenericKubernetesResource>>
            objects() {
        return client.genericKubernetesResources(kind);
    }

    void writes(GenericKubernetesResource object, String subresource, Map<String, Object> status) {
        var found = objects()
                .inNamespace(object.getMetadata().getNamespace())
                .withName(object.getMetadata().getName());
        var patch = new JsonMapper().writeValueAsString(Map.of("status", status));
        if (subresource.isEmpty()) {
            found.patch(PatchContext.of(PatchType.JSON_MERGE), patch);
        } else {
            found.subresource(subresource).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
        }
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

    /** A file of a Go module, whose proxy keeps what was published; the checksum is the one it was published with. */
    static InputStream published(String module, String checksum, String file) throws Exception {
        Process go;
        try {
            go = new ProcessBuilder("go", "mod", "download", "-json", module)
                    .directory(Files.createTempDirectory("module").toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException noGo) {
            if ("required".equals(System.getProperty("test.kubernetes"))) {
                throw noGo;
            }
            return abort("no Go, whose module proxy has the definitions");
        }
        var said = new JsonMapper().readTree(go.getInputStream());
        assertThat(go.waitFor()).as("go mod download").isZero();
        assertThat(said.path("Sum").asString()).isEqualTo(checksum);
        return Files.newInputStream(Path.of(said.path("Dir").asString()).resolve(file));
    }
}
