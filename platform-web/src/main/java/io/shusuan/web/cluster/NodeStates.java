package io.shusuan.web.cluster;

import io.shusuan.api.agent.AgentRegistry;
import io.shusuan.api.agent.AgentRegistry.Known;
import io.shusuan.api.agent.NodeReport;
import io.shusuan.api.agent.NodeReport.Gpu;
import io.shusuan.api.agent.NodeReport.GpuProcess;
import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.job.Occupancy.Share;
import io.shusuan.scheduler.job.Occupancy.Taken;
import io.shusuan.scheduler.node.NodeHealth;
import io.shusuan.scheduler.node.StandingFault;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** What the agents of nodes tell, put together with who has what of the nodes. */
@Component
class NodeStates {

    /** A GPU that does nothing for so long is idle: loading data takes some minutes at times. */
    static final Duration IDLE_AFTER = Duration.ofMinutes(10);

    private final AgentRegistry agents;
    private final NodeHealth health;
    private final PodJobs pods;
    private final Clock clock;

    NodeStates(AgentRegistry agents, NodeHealth health, PodJobs pods, Clock clock) {
        this.agents = agents;
        this.health = health;
        this.pods = pods;
        this.clock = clock;
    }

    /** By the names of the nodes; those of which no agent tells are missing. */
    Map<String, NodeState> of(Collection<Taken> nodes) {
        var told = agents.ofNodes(nodes.stream().map(node -> node.node().name()).toList()).stream()
                .collect(Collectors.toMap(agent -> node(agent).name(), Function.identity()));
        var reporting = nodes.stream()
                .filter(node -> told.containsKey(node.node().name()))
                .toList();
        if (reporting.isEmpty()) {
            return Map.of();
        }
        var jobsOfPods = pods.of(
                reporting.stream()
                        .flatMap(node -> node.shares().stream())
                        .map(Share::job)
                        .toList(),
                reporting.stream()
                        .flatMap(node -> podsOf(
                                Objects.requireNonNull(told.get(node.node().name()))))
                        .toList());
        var standing = health.standing();
        var now = clock.instant();
        var states = new HashMap<String, NodeState>();
        for (var node : reporting) {
            var name = node.node().name();
            states.put(
                    name,
                    state(
                            node,
                            Objects.requireNonNull(told.get(name)),
                            jobsOfPods,
                            standing.getOrDefault(name, List.of()),
                            now));
        }
        return states;
    }

    private static Stream<String> podsOf(Known agent) {
        return node(agent).gpus().stream()
                .flatMap(gpu -> gpu.processes().stream())
                .map(GpuProcess::pod)
                .filter(Objects::nonNull);
    }

    private static NodeReport node(Known agent) {
        return Objects.requireNonNull(agent.report().node());
    }

    /** @param jobsOfPods by the pods' uids */
    static NodeState state(
            Taken node, Known agent, Map<String, JobId> jobsOfPods, List<StandingFault> standing, Instant now) {
        var report = node(agent);
        var free = node.node().allocatable().gpus()
                - node.held().gpus()
                - node.node().usedByOthers().gpus();
        var gpus = report.gpus().stream()
                .sorted(Comparator.comparingInt(Gpu::index))
                .map(gpu -> gpu(node, gpu, jobsOfPods, isIdle(gpu, now), free <= 0))
                .toList();
        var idleHeld = idleHeld(node, report, gpus, Math.max(0, free), now);
        return new NodeState(
                report,
                agent.lost() ? agent.lastSeen() : null,
                gpus,
                idleHeld,
                idleHeld == 0 ? List.of() : idleJobs(node, gpus, idleHeld),
                standing);
    }

    /** Those that are known to be somebody's; and of the others those that are more than may idle, since they are free. */
    private static int idleHeld(Taken node, NodeReport report, List<GpuState> gpus, int free, Instant now) {
        var idle = report.gpus().stream().filter(gpu -> isIdle(gpu, now)).count();
        var known = gpus.stream().filter(GpuState::idle).count();
        return Math.clamp(Math.max(known, idle - free), 0, node.held().gpus());
    }

    /** With processes that wait it is known whose they are; where all that is held idles, it is everybody. */
    private static List<Share> idleJobs(Taken node, List<GpuState> gpus, int idleHeld) {
        if (idleHeld >= node.held().gpus()) {
            return node.shares().stream()
                    .filter(share -> share.resources().gpus() > 0)
                    .toList();
        }
        return gpus.stream()
                .filter(GpuState::idle)
                .flatMap(gpu -> gpu.jobs().stream())
                .distinct()
                .toList();
    }

    private static boolean isIdle(Gpu gpu, Instant now) {
        return gpu.idleSince() != null && gpu.idleSince().isBefore(now.minus(IDLE_AFTER));
    }

    private static GpuState gpu(Taken node, Gpu gpu, Map<String, JobId> jobsOfPods, boolean idle, boolean allHeld) {
        var jobs = gpu.processes().stream()
                .flatMap(process -> share(node, process, jobsOfPods).stream())
                .distinct()
                .toList();
        var leaks = gpu.processes().stream()
                .filter(process -> process.growing() != null)
                .map(process -> new GpuState.Leak(
                        share(node, process, jobsOfPods).orElse(null),
                        process.pid(),
                        process.command(),
                        Objects.requireNonNull(process.growing()).since(),
                        Objects.requireNonNull(process.growing()).fromBytes(),
                        process.memoryBytes()))
                .toList();
        return new GpuState(gpu, jobs, idle && (allHeld || !jobs.isEmpty()), leaks);
    }

    /** A process can write anything in its environment, so what it says counts for jobs on this node and outside of pods only. */
    private static Optional<Share> share(Taken node, GpuProcess process, Map<String, JobId> jobsOfPods) {
        var job = process.pod() == null
                ? process.job()
                : Optional.ofNullable(jobsOfPods.get(process.pod()))
                        .map(JobId::toString)
                        .orElse(null);
        return node.shares().stream()
                .filter(share -> share.job().toString().equals(job))
                .findFirst();
    }
}
