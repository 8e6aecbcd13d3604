package io.shusuan.scheduler.cluster.kubernetes;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.shusuan.db.job.JobId;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Kueue itself, as it is installed in the cluster, with queues for one test alone. */
public final class RealKueue implements AutoCloseable {

    private static final ResourceDefinitionContext CLUSTER_QUEUES = new ResourceDefinitionContext.Builder()
            .withGroup(Kueue.GROUP)
            .withVersion("v1beta2")
            .withKind("ClusterQueue")
            .withPlural("clusterqueues")
            .withNamespaced(false)
            .build();

    private final RealCluster real;
    private final Deque<HasMetadata> made = new ArrayDeque<>();

    public RealKueue(RealCluster real) {
        this.real = real;
        if (!real.hasKueue()) {
            throw new IllegalStateException(
                    "Kueue is asked for, and is not there: run 'eval $(deploy/testbed/testbed up --no-nodes --kueue)'");
        }
        make("""
                apiVersion: kueue.x-k8s.io/v1beta2
                kind: ResourceFlavor
                metadata: {name: %1$s}
                spec:
                  nodeLabels: {example.org/for: %1$s}
                """.formatted(real.platform));
    }

    /** Gives a queue of the platform a LocalQueue {@code team-a}, and so many CPUs that others of the test may borrow. */
    public void gives(String queue, int cpus) {
        String namespace = real.platform + "-" + queue;
        real.client
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .withLabels(Labels.ofPlatform(real.platform))
                        .endMetadata()
                        .build())
                .create();
        make("""
                apiVersion: kueue.x-k8s.io/v1beta2
                kind: ClusterQueue
                metadata: {name: %2$s}
                spec:
                  namespaceSelector: {}
                  cohortName: %1$s
                  preemption: {reclaimWithinCohort: Any}
                  resourceGroups:
                  - coveredResources: [cpu, memory]
                    flavors:
                    - name: %1$s
                      resources: [{name: cpu, nominalQuota: %3$d}, {name: memory, nominalQuota: 100Gi}]
                """.formatted(real.platform, namespace, cpus));
        make("""
                apiVersion: kueue.x-k8s.io/v1beta2
                kind: LocalQueue
                metadata: {name: team-a, namespace: %1$s}
                spec: {clusterQueue: %1$s}
                """.formatted(namespace));
        await().until(() -> isActive(namespace));
    }

    private boolean isActive(String clusterQueue) {
        GenericKubernetesResource found = real.client
                .genericKubernetesResources(CLUSTER_QUEUES)
                .withName(clusterQueue)
                .get();
        return found != null && Conditions.hold(found, "Active");
    }

    private void make(String yaml) {
        for (HasMetadata each : real.client
                .load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                .items()) {
            // Whose webhook may only just be there.
            made.push(await().ignoreException(KubernetesClientException.class)
                    .until(() -> real.client.resource(each).serverSideApply(), Objects::nonNull));
        }
    }

    /** The pods of a job that Kueue lets run. */
    public List<Pod> letIn(JobId job, int count) {
        return await().until(
                        () -> real.pods(job).stream()
                                .filter(pod ->
                                        pod.getSpec().getSchedulingGates().isEmpty())
                                .toList(),
                        pods -> pods.size() == count);
    }

    /** How many pods there are of each kind in the group of a job, as Kueue counts them. */
    public List<Integer> podSets(JobId job) {
        Pod pod = real.pods(job).getFirst();
        GenericKubernetesResource workload = real.client
                .genericKubernetesResources(InstalledKueue.WORKLOADS)
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(Labels.label(pod, Kueue.POD_GROUP_NAME))
                .require();
        List<Map<String, Object>> podSets = workload.get("spec", "podSets");
        return podSets.stream().map(each -> (Integer) each.get("count")).toList();
    }

    @Override
    public void close() {
        made.forEach(each -> real.client.resource(each).delete());
    }
}
