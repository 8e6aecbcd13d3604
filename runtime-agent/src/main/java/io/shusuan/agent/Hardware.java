package io.shusuan.agent;

import io.shusuan.agent.engine.build.KeptEngine;
import io.shusuan.agent.node.GpuReport;
import io.shusuan.agent.node.GpuWatch;
import io.shusuan.agent.node.Machine;
import io.shusuan.agent.report.AgentIdentity;
import io.shusuan.agent.report.Heartbeat;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What the agent tells of the machine: its GPUs in the metrics, and as a node agent the whole node in the report. */
final class Hardware implements Supplier<GpuReport>, AutoCloseable {
    private static final Path PROC = Path.of("/proc");
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private final Optional<String> node;
    private final GpuWatch gpus;
    private final Machine machine = new Machine(PROC);

    Hardware(Optional<Options.Node> node, GpuWatch.Source source) {
        this.node = node.map(Options.Node::name);
        this.gpus = new GpuWatch(source, PROC, Clock.systemUTC(), INTERVAL);
    }

    /** The name that metrics give the machine. */
    String name() {
        return node.orElseGet(AgentIdentity::hostname);
    }

    /** A node agent looks at once: whoever starts it wants to know whether it sees the GPUs. */
    void begin() {
        if (node.isPresent()) {
            gpus.get();
        }
    }

    @Override
    public GpuReport get() {
        return gpus.get();
    }

    Optional<Heartbeat.Node> node(List<KeptEngine> engines) {
        return node.map(name -> new Heartbeat.Node(name, machine.get(), gpus.get(), engines));
    }

    @Override
    public void close() {
        gpus.close();
    }
}
