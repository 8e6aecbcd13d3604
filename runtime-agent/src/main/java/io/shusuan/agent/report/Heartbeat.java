package io.shusuan.agent.report;

import java.util.List;
import java.util.Optional;

/** One report to the control plane: everything the agent says of itself at a moment. */
public record Heartbeat(
        String agentId,
        String hostname,
        String version,
        String startedAt,
        Optional<Job> job,
        Endpoints endpoints,
        List<Device> devices,
        List<Engine> backends,
        List<Model> models) {
    public Heartbeat {
        devices = List.copyOf(devices);
        backends = List.copyOf(backends);
        models = List.copyOf(models);
    }

    /** The platform's job this agent is a task of. */
    public record Job(String id, String role, int task) {}

    /** Where the agent listens, {@code host:port}; empty for a protocol that is off. */
    public record Endpoints(Optional<String> http, Optional<String> grpc, Optional<String> metrics) {}

    public record Device(String kind, String name, int cores, long memoryBytes) {}

    public record Engine(String name, String version, Optional<String> problem) {}

    /** A model version; {@code counts} has one bucket more than there are bounds. */
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
            double sumMs) {
        public Model {
            bucketUpperBoundsMs = List.copyOf(bucketUpperBoundsMs);
            counts = List.copyOf(counts);
        }
    }
}
