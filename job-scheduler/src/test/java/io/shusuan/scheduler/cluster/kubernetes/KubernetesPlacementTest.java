package io.shusuan.scheduler.cluster.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NodeAffinity;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.shusuan.db.job.JobKind;
import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.GpuLabels;
import io.shusuan.scheduler.spec.NodeChoice;
import io.shusuan.scheduler.spec.TaskPort;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The nodes that the queue has chosen, as the API server takes them. */
@NeedsKubernetes
class KubernetesPlacementTest {

    private static RealCluster real;
    private static KubernetesCluster cluster;

    @BeforeAll
    static void connect() {
        real = new RealCluster();
        cluster = real.connect(real.settings(real.kubeconfig(), Set.of(), null, Duration.ofSeconds(90)));
    }

    @AfterAll
    static void close() {
        real.close();
    }

    @Test
    void aGangThatComputesRunsOnItsNodesOnly() throws Exception {
        var workload = Workloads.training("placed")
                .role("main", 3)
                .role("side", 1)
                .on("node-b", "main", 1)
                .on("node-a", "main", 2)
                .on("node-c", "side", 1)
                .make();
        cluster.apply(workload);
        assertThat(required(pod(workload, "main"))).containsExactly("node-a", "node-b");
        assertThat(required(pod(workload, "side"))).containsExactly("node-c");
        cluster.apply(workload); // as after a restart: a Job's template can never change
    }

    @Test
    void aServicePrefersItsNodes() throws Exception {
        var workload = Workloads.inference("placed")
                .role("server", 2)
                .on("node-a", "server", 2)
                .make();
        cluster.apply(workload);
        assertThat(affinity(pod(workload, "server")).getRequiredDuringSchedulingIgnoredDuringExecution())
                .isNull();
        assertThat(affinity(pod(workload, "server")).getPreferredDuringSchedulingIgnoredDuringExecution())
                .singleElement()
                .satisfies(term -> assertThat(names(term.getPreference())).containsExactly("node-a"));
    }

    @Test
    void kubeSchedulerBindsTheTasksThere() throws Exception {
        var roomier = real.node("roomier", 64, 65536, 0);
        var chosen = real.node("chosen", 4, 4096, 0);
        var workload = Workloads.training("bound")
                .role("main", 2, new Resources(1000, 64, 0), "true", Workloads.IMAGE)
                .on(chosen, "main", 2)
                .make();
        cluster.apply(workload);
        await().untilAsserted(() -> assertThat(real.pods(workload))
                .hasSize(2)
                .extracting(pod -> pod.getSpec().getNodeName())
                .containsOnly(chosen)
                .doesNotContain(roomier));
    }

    @Test
    void aServiceNeverRunsOnNodesOfAnotherKind() throws Exception {
        var labels = Map.of(GpuLabels.MODEL, "H100");
        var wanted = real.node(
                "wanted", 4, 4096, 1, Map.of(GpuLabels.MODEL, "H100", GpuLabels.MEMORY, "81559"), "dedicated");
        real.node("small", 64, 65536, 8, Map.of(GpuLabels.MODEL, "H100", GpuLabels.MEMORY, "40960"), "dedicated");
        real.node("other", 64, 65536, 8, Map.of(GpuLabels.MODEL, "A100", GpuLabels.MEMORY, "81559"), "dedicated");
        var workload = Workloads.inference("choosy")
                .choosing(new NodeChoice(labels, Set.of("dedicated"), 80, null))
                .role("server", 1, new Resources(1000, 64, 1), "true", Workloads.IMAGE, new TaskPort("http", 8000))
                .on("gone-meanwhile", "server", 1)
                .make();
        cluster.apply(workload);
        await().untilAsserted(() -> assertThat(real.pods(workload))
                .singleElement()
                .extracting(pod -> pod.getSpec().getNodeName())
                .isEqualTo(wanted));
    }

    @Test
    void aServiceRunsOnSlicesOrOnWholeGpusAsItAsks() throws Exception {
        var sliced = real.node("sliced", 64, 65536, 7, Map.of("zone", "gpus", GpuLabels.SLICES, "1"), "dedicated");
        var whole = real.node("whole", 4, 4096, 1, Map.of("zone", "gpus"), "dedicated");
        for (var asked : Map.of("", whole, "1g.10gb", sliced).entrySet()) {
            var workload = Workloads.inference("asks-for-" + (asked.getKey().isEmpty() ? "all" : "a-slice"))
                    .choosing(new NodeChoice(
                            Map.of("zone", "gpus"),
                            Set.of("dedicated"),
                            0,
                            asked.getKey().isEmpty() ? null : asked.getKey()))
                    .role("server", 1, new Resources(1000, 64, 1), "true", Workloads.IMAGE, new TaskPort("http", 8000))
                    .on("gone-meanwhile", "server", 1)
                    .make();
            cluster.apply(workload);
            await().untilAsserted(() -> assertThat(real.pods(workload))
                    .singleElement()
                    .extracting(pod -> pod.getSpec().getNodeName())
                    .isEqualTo(asked.getValue()));
        }
    }

    @Test
    void taintedNodesTakeWorkUnlessTheyAreTheClustersOwnOrNotWell() throws Exception {
        var master = real.node("master", 4, 4096, 0, Map.of(), "node-role.kubernetes.io/control-plane");
        var broken = real.node("broken", 4, 4096, 0, Map.of(), "node.kubernetes.io/out-of-service", "dedicated");
        var dedicated = real.node("dedicated", 4, 4096, 0, Map.of(), "dedicated"); // seen later than the others
        await().untilAsserted(() -> assertThat(cluster.capacity().nodes())
                .filteredOn(node -> node.name().equals(dedicated))
                .singleElement()
                .satisfies(node -> assertThat(node.taints()).containsExactly("dedicated")));
        assertThat(cluster.capacity().nodes()).extracting(Capacity.Node::name).doesNotContain(master, broken);
        assertThat(cluster.capacity().away())
                .extracting(
                        away -> away.node().name(),
                        Capacity.Away::why,
                        away -> away.node().taints())
                .contains(
                        tuple(master, Capacity.Away.Why.RESERVED, Set.of("node-role.kubernetes.io/control-plane")),
                        tuple(
                                broken,
                                Capacity.Away.Why.UNHEALTHY,
                                Set.of("node.kubernetes.io/out-of-service", "dedicated")));
    }

    private static List<String> required(PodSpec pod) {
        return affinity(pod).getRequiredDuringSchedulingIgnoredDuringExecution().getNodeSelectorTerms().stream()
                .flatMap(term -> names(term).stream())
                .toList();
    }

    private static List<String> names(NodeSelectorTerm term) {
        var field = term.getMatchFields().getFirst();
        assertThat(field.getKey()).isEqualTo("metadata.name");
        assertThat(field.getOperator()).isEqualTo("In");
        return field.getValues();
    }

    private static NodeAffinity affinity(PodSpec pod) {
        return pod.getAffinity().getNodeAffinity();
    }

    private static PodSpec pod(Workload workload, String role) {
        var namespace = real.namespace(workload);
        var name = RealCluster.name(workload, role);
        var template = workload.spec().kind() == JobKind.TRAINING
                ? real.client
                        .batch()
                        .v1()
                        .jobs()
                        .inNamespace(namespace)
                        .withName(name)
                        .require()
                        .getSpec()
                        .getTemplate()
                : real.client
                        .apps()
                        .deployments()
                        .inNamespace(namespace)
                        .withName(name)
                        .require()
                        .getSpec()
                        .getTemplate();
        return template.getSpec();
    }
}
