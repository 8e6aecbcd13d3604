package io.shusuan.api.agent;

import io.shusuan.api.agent.AgentRegistry.Known;
import io.shusuan.api.agent.NodeReport.Gpu;
import io.shusuan.api.agent.NodeReport.GpuProcess;
import io.shusuan.scheduler.idle.GpuReading;
import io.shusuan.scheduler.idle.GpuReadings;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** What the node agents that report here tell of the use of GPUs. */
@Component
class NodeReadings implements GpuReadings {

    private final AgentRegistry agents;

    NodeReadings(AgentRegistry agents) {
        this.agents = agents;
    }

    /** Of several agents of one node, as there are while they are replaced, the one that was heard last. */
    @Override
    public List<GpuReading> now() {
        var latest = new HashMap<String, Known>();
        for (var agent : agents.all()) {
            var node = agent.report().node();
            if (node != null && !agent.lost()) {
                latest.merge(
                        node.name(), agent, (one, other) -> one.lastSeen().isAfter(other.lastSeen()) ? one : other);
            }
        }
        return latest.values().stream().map(NodeReadings::reading).toList();
    }

    private static GpuReading reading(Known agent) {
        var node = Objects.requireNonNull(agent.report().node());
        return new GpuReading(
                node.name(),
                agent.report().startedAt(),
                agent.lastSeen(),
                node.gpus().stream().map(NodeReadings::gpu).toList());
    }

    private static GpuReading.Gpu gpu(Gpu gpu) {
        return new GpuReading.Gpu(
                gpu.idleSince(),
                gpu.processes().stream()
                        .map(GpuProcess::pod)
                        .filter(Objects::nonNull)
                        .collect(Collectors.toSet()),
                gpu.processes().stream()
                        .filter(process -> process.pod() == null)
                        .flatMap(process -> Stream.ofNullable(process.job()))
                        .collect(Collectors.toSet()));
    }
}
