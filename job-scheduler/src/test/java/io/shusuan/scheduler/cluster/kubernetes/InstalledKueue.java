package io.shusuan.scheduler.cluster.kubernetes;

import static org.assertj.core.api.Assumptions.assumeThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Kueue's definitions as they are published, in the cluster for as long as a test needs them. They come with its Go module, whose
 * checksum is fixed here. What Kueue's controller does the test does, by writing to the same objects what that writes.
 */
public final class InstalledKueue implements AutoCloseable {

    private static final String MODULE = "sigs.k8s.io/kueue@v0.17.0";
    private static final String CHECKSUM = "h1:7hzb38M4eKGzYW+CFv2s1L+swzzacUCHOCXxZmAV90I=";

    static final ResourceDefinitionContext WORKLOADS = new ResourceDefinitionContext.Builder()
            .withGroup(Kueue.GROUP)
            .withVersion("v1beta2")
            .withKind("Workload")
            .withPlural("workloads")
            .withNamespaced(true)
            .build();

    private final InstalledDefinitions definitions;

    public InstalledKueue(RealCluster real) throws Exception {
        assumeThat(real.hasKueue())
                .as("Kueue itself is installed here: its definitions are not a test's to remove")
                .isFalse();
        definitions = new InstalledDefinitions(
                real,
                WORKLOADS,
                InstalledDefinitions.published(
                        MODULE, CHECKSUM, "config/components/crd/bases/kueue.x-k8s.io_workloads.yaml"));
    }

    void install() {
        definitions.install();
    }

    void uninstall() {
        definitions.uninstall();
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
        return definitions
                .objects()
                .inNamespace(owner.getMetadata().getNamespace())
                .resource(workload)
                .create();
    }

    /** Kueue says something of a Workload. */
    public void says(GenericKubernetesResource workload, Map<?, ?>... conditions) {
        writes(workload, Map.of("conditions", List.of(conditions)));
    }

    void writes(GenericKubernetesResource workload, Map<String, Object> status) {
        definitions.writes(workload, "status", status);
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

    @Override
    public void close() {
        definitions.close();
    }
}
