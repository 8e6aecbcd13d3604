package io.shusuan.agent.report;

import io.shusuan.agent.backend.GpuMemory;
import io.shusuan.agent.engine.build.KeptEngine;
import io.shusuan.agent.metrics.ModelStatistics.Snapshot;
import io.shusuan.agent.metrics.Phase;
import io.shusuan.agent.node.GpuReport;
import io.shusuan.agent.node.MachineUse;
import io.shusuan.agent.repository.ServedModel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One report to the control plane: everything the agent says of itself at a moment. */
public record Heartbeat(
        String agentId,
        String hostname,
        String version,
        String startedAt,
        Optional<Job> job,
        Optional<Node> node,
        Endpoints endpoints,
        List<Device> devices,
        List<Engine> backends,
        List<Model> models) {
    public Heartbeat {
        devices = List.copyOf(devices);
        backends = List.copyOf(backends);
        models = List.copyOf(models);
    }

    /** The platform's job this agent is a task of; which one, where it has been told: a Deployment's replicas are alike. */
    public record Job(String id, String role, Optional<Integer> task) {}

    /** The node that the agent looks after: its name in the cluster, what it has, and the engines that it keeps built. */
    public record Node(String name, Optional<MachineUse> machine, GpuReport gpus, List<KeptEngine> engines) {
        public Node {
            engines = List.copyOf(engines);
        }
    }

    /** Where the agent listens, {@code host:port}; empty for a protocol that is off. */
    public record Endpoints(Optional<String> http, Optional<String> grpc, Optional<String> metrics) {}

    public record Device(String kind, String name, int cores, long memoryBytes) {}

    public record Engine(String name, String version, Optional<String> problem) {}

    /**
     * What the metrics say of a model version, in the same words: requests that wait, what was done, where the time went in nanoseconds,
     * why requests failed, how large batches were and why each left, and how often each phase took how long, in the buckets of {@link
     * Phase#upperBoundsMs()}.
     */
    public record Figures(
            int pending,
            long inferences,
            long executions,
            long queueNanos,
            long computeInputNanos,
            long computeInferNanos,
            long computeOutputNanos,
            Map<String, Long> failures,
            Map<Long, Long> batchSizes,
            Map<String, Long> departures,
            Map<Phase, List<Long>> phases) {
        static final Figures NONE = new Figures(0, 0, 0, 0, 0, 0, 0, Map.of(), Map.of(), Map.of(), Map.of());

        public Figures {
            failures = Map.copyOf(failures);
            batchSizes = Map.copyOf(batchSizes);
            departures = Map.copyOf(departures);
            phases = Map.copyOf(phases);
        }

        static Figures of(ServedModel model, Snapshot stats) {
            var failures = new HashMap<String, Long>();
            stats.failures().forEach((kind, count) -> failures.put(kind.name(), count));
            var sizes = new HashMap<Long, Long>();
            stats.batches()
                    .forEach((size, batch) ->
                            sizes.put(size, batch.computeInfer().count()));
            var departures = new HashMap<String, Long>();
            stats.departures().forEach((why, count) -> departures.put(why.label(), count));
            return new Figures(
                    model.pending(),
                    stats.inferences(),
                    stats.executions(),
                    stats.queue().nanos(),
                    stats.computeInput().nanos(),
                    stats.computeInfer().nanos(),
                    stats.computeOutput().nanos(),
                    failures,
                    sizes,
                    departures,
                    stats.phases());
        }
    }

    /** A model version; {@code counts} has one bucket more than there are bounds, {@code gpuMemory} is what it holds of which GPU. */
    public record Model(
            String name,
            String version,
            String state,
            String reason,
            long requestsTotal,
            long errorsTotal,
            double requestsPerSecond,
            List<Double> bucketUpperBoundsMs,
            List<Long> counts,
            double sumMs,
            Figures figures,
            List<GpuMemory> gpuMemory) {
        public Model {
            gpuMemory = List.copyOf(gpuMemory);
            bucketUpperBoundsMs = List.copyOf(bucketUpperBoundsMs);
            counts = List.copyOf(counts);
        }
    }
}
