package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.Delegate.Scheduler;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Volcano or KAI by their definition, as it is published; what their schedulers do the test does. */
public final class InstalledPodGroups implements AutoCloseable {

    private static final String KAI = "github.com/NVIDIA/KAI-scheduler@v0.12.0";
    private static final String KAI_CHECKSUM = "h1:3rhB0TdbJYNgOiZ6E0cAa+VJnr4srhoigJI/PkY85vI=";
    private static final String KAI_FILE = "deployments/kai-scheduler/crds/scheduling.run.ai_podgroups.yaml";

    final Scheduler scheduler;
    private final RealCluster real;
    private final InstalledDefinitions definitions;

    public InstalledPodGroups(Scheduler scheduler, RealCluster real) throws Exception {
        this.scheduler = scheduler;
        this.real = real;
        definitions = new InstalledDefinitions(
                real,
                new ResourceDefinitionContext.Builder()
                        .withGroup(scheduler == Scheduler.VOLCANO ? Volcano.GROUP : Kai.GROUP)
                        .withVersion(scheduler == Scheduler.VOLCANO ? Volcano.VERSION : Kai.VERSION)
                        .withKind("PodGroup")
                        .withPlural("podgroups")
                        .withNamespaced(true)
                        .build(),
                scheduler == Scheduler.VOLCANO
                        ? ofVolcano()
                        : InstalledDefinitions.published(KAI, KAI_CHECKSUM, KAI_FILE));
    }

    /** Volcano publishes the types, from which its definitions are made; the file says how. */
    private static InputStream ofVolcano() {
        return Objects.requireNonNull(
                InstalledPodGroups.class.getResourceAsStream("/scheduling.volcano.sh_podgroups.yaml"));
    }

    void install() {
        definitions.install();
    }

    void uninstall() {
        definitions.uninstall();
    }

    public List<GenericKubernetesResource> groups(JobId job) {
        return definitions
                .objects()
                .inAnyNamespace()
                .withLabel(Labels.JOB_ID, job.toString())
                .list()
                .getItems();
    }

    void remove(GenericKubernetesResource group) {
        definitions
                .objects()
                .inNamespace(group.getMetadata().getNamespace())
                .withName(group.getMetadata().getName())
                .delete();
    }

    /** It says why it has no room for a group. */
    void hasNoRoomFor(GenericKubernetesResource group, String reason, String message) {
        if (scheduler == Scheduler.VOLCANO) {
            definitions.writes(
                    group,
                    "", // of which Volcano's has none
                    Map.of(
                            "phase",
                            "Pending",
                            "conditions",
                            List.of(InstalledKueue.condition("Unschedulable", true, reason, message))));
        } else {
            definitions.writes(
                    group,
                    "status",
                    Map.of(
                            "schedulingConditions",
                            List.of(Map.of(
                                    "type",
                                    "UnschedulableOnNodePool",
                                    "status",
                                    "True",
                                    "nodePool",
                                    "default",
                                    "reason",
                                    "Unschedulable",
                                    "message",
                                    message,
                                    "reasons",
                                    List.of(Map.of("reason", reason, "message", message))))));
        }
    }

    /** It takes back what it has given a pod. */
    public void takesBack(Pod pod, String message) {
        var condition = new PodConditionBuilder()
                .withMessage(message)
                .withLastTransitionTime(Instant.now().toString()); // an old one would be withdrawn by Kubernetes
        if (scheduler == Scheduler.VOLCANO) {
            condition.withType("Ready").withStatus("False").withReason("Evict");
        } else {
            condition.withType("DisruptionTarget").withStatus("True").withReason("PreemptionByScheduler");
        }
        RealCluster.insisting(() -> real.client
                .pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .editStatus(found -> {
                    found.getStatus()
                            .getConditions()
                            .removeIf(each -> each.getType().equals(condition.getType()));
                    found.getStatus().getConditions().add(condition.build());
                    return found;
                }));
        real.client.pods().resource(pod).delete();
    }

    @Override
    public void close() {
        definitions.close();
    }
}
