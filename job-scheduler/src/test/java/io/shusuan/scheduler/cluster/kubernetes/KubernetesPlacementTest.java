package io.shusuan.scheduler.cluster.kubernetes;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
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
import io.shusuan.scheduler.spec.Topology.Packing;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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
        assertThat(pod(workload, "main").getTopologySpreadConstraints()).isEmpty();
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
    void aGangFillsFirstTheNodeThatShallTakeMostOfIt() throws Exception {
        var filled = gpus("filled", 4, 8, "r1");
        var roomy = gpus("roomy", 64, 8, "r1"); // kube-scheduler by itself would rather fill this one
        var workload = gang("packed", 10).on(filled, "main", 8).on(roomy, "main", 2);
        assertThat(bound(workload.make(), 10)).isEqualTo(Map.of(filled, 8L, roomy, 2L));
    }

    @Test
    void aGangIsSpreadAsItWasDecided() throws Exception {
        var small = gpus("smaller", 4, 8, "r1");
        var roomy = gpus("larger", 64, 8, "r1");
        var workload = gang("spread", 4).topology(null, Packing.SPREAD).on(small, "main", 2);
        assertThat(bound(workload.on(roomy, "main", 2).make(), 4)).isEqualTo(Map.of(small, 2L, roomy, 2L));
    }

    @Test
    void aSpreadGangHasMoreWhereOthersHaveNoRoomForAsMany() throws Exception {
        var narrow = gpus("narrow", 64, 1, "r1");
        var wide = gpus("wide", 4, 8, "r1");
        var workload = gang("uneven", 6).topology(null, Packing.SPREAD).on(narrow, "main", 1);
        assertThat(bound(workload.on(wide, "main", 5).make(), 6)).isEqualTo(Map.of(narrow, 1L, wide, 5L));
    }

    @Test
    void aGangIsBalancedOverItsRacks() throws Exception {
        var first = gpus("first", 4, 3, "r1");
        var second = gpus("second", 64, 8, "r1");
        var other = gpus("other-rack", 64, 8, "r2");
        var workload = gang("balanced", 8)
                .topology("rack", Packing.BALANCE)
                .on(first, "main", 3)
                .on(second, "main", 1)
                .on(other, "main", 4);
        assertThat(bound(workload.make(), 8)).isEqualTo(Map.of(first, 3L, second, 1L, other, 4L));
    }

    @Test
    void nodesThatDoNotTellTheirRackTakeTasksAllTheSame() throws Exception {
        var one = gpus("one", 4, 8, null);
        var other = gpus("another", 4, 8, "r1");
        var workload = gang("untold", 4).topology("rack", Packing.BALANCE).on(one, "main", 2);
        assertThat(bound(workload.on(other, "main", 2).make(), 4).keySet()).containsOnly(one, other);
    }

    @Test
    void aServiceRatherRunsThanIsSpread() throws Exception {
        var workload = Workloads.inference("spread")
                .topology(null, Packing.SPREAD)
                .role("server", 2)
                .on("node-a", "server", 1)
                .on("node-b", "server", 1)
                .make();
        cluster.apply(workload);
        assertThat(pod(workload, "server").getTopologySpreadConstraints())
                .singleElement()
                .satisfies(spread -> {
                    assertThat(spread.getTopologyKey()).isEqualTo("kubernetes.io/hostname");
                    assertThat(spread.getWhenUnsatisfiable()).isEqualTo("ScheduleAnyway");
                    assertThat(spread.getNodeTaintsPolicy()).isEqualTo("Honor");
                });
    }

    /** Nodes for tasks with GPUs alone. */
    private static String gpus(String name, int cpus, int gpus, @Nullable String rack) throws Exception {
        var labels = new HashMap<>(Map.of("kubernetes.io/hostname", name));
        if (rack != null) {
            labels.put(RealCluster.RACK, rack);
        }
        var node = real.node(name, cpus, 65536, gpus, labels, PodTemplates.GPU);
        await().until(() ->
                cluster.capacity().nodes().stream().anyMatch(each -> each.name().equals(node)));
        return node;
    }

    private static Workloads gang(String name, int tasks) {
        return Workloads.training(name).role("main", tasks, new Resources(100, 64, 1), "true", Workloads.IMAGE);
    }

    /** How many of its tasks kube-scheduler has bound to which node. */
    private static Map<String, Long> bound(Workload workload, int tasks) throws Exception {
        cluster.apply(workload);
        return await().until(
                        () -> real.pods(workload).stream()
                                .filter(pod -> pod.getSpec().getNodeName() != null)
                                .collect(groupingBy(pod -> pod.getSpec().getNodeName(), counting())),
                        nodes -> nodes.values().stream()
                                        .mapToLong(Long::longValue)
                                        .sum()
                                == tasks);
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
