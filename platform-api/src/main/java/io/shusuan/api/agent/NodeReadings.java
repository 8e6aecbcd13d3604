package io.shusuan.api.agent;

import io.shusuan.api.agent.AgentRegistry.Known;
import io.shusuan.api.agent.NodeReport.Gpu;
import io.shusuan.api.agent.NodeReport.GpuProcess;
import io.shusuan.scheduler.idle.GpuReading;
import io.shusuan.scheduler.idle.GpuReadings;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** What node agents tell of the use of GPUs. */
@Component
class NodeReadings implements GpuReadings {

    private final AgentRegistry agents;

    NodeReadings(AgentRegistry agents) {
        this.agents = agents;
    }

    @Override
    public List<GpuReading> of(Collection<String> nodes) {
        return agents.ofNodes(nodes).stream()
                .filter(agent -> !agent.lost())
                .map(NodeReadings::reading)
                .toList();
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
