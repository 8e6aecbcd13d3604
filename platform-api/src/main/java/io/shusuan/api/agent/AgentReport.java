package io.shusuan.api.agent;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a runtime agent tells of itself every few seconds. Unknown fields of newer agents are passed over. */
public record AgentReport(
        UUID agentId,
        String hostname,
        String version,
        Instant startedAt,
        @Nullable TaskOfJob job,
        @Nullable NodeReport node,
        Map<String, String> endpoints,
        List<Device> devices,
        List<Backend> backends,
        List<Model> models) {

    public AgentReport {
        endpoints = endpoints == null ? Map.of() : open(endpoints);
        devices = devices == null ? List.of() : List.copyOf(devices);
        backends = backends == null ? List.of() : List.copyOf(backends);
        models = models == null ? List.of() : List.copyOf(models);
    }

    /** An agent says null of a protocol that is off. */
    private static Map<String, String> open(Map<String, String> endpoints) {
        return endpoints.entrySet().stream()
                .filter(endpoint -> endpoint.getValue() != null)
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Whether everything that people see by its name has one. */
    @SuppressWarnings("ConstantValue") // JSON may leave out anything
    boolean isNamed() {
        return models.stream()
                        .allMatch(model -> model.name() != null && model.version() != null && model.state() != null)
                && backends.stream().allMatch(backend -> backend.name() != null)
                && devices.stream().allMatch(device -> device.kind() != null)
                && (job == null || job.id() != null);
    }

    /** The task the agent runs in; without a number where the tasks of its role are alike. */
    public record TaskOfJob(
            String id, @Nullable String role, @Nullable Integer task) {}

    public record Device(String kind, @Nullable String name, int cores, long memoryBytes) {}

    public record Backend(
            String name,
            @Nullable String version,
            boolean available,
            @Nullable String reason) {}

    @Schema(name = "ServedModel")
    public record Model(
            String name,
            String version,
            String state,
            @Nullable String reason,
            long requestsTotal,
            long errorsTotal,
            double requestsPerSecond,
            @Nullable Latency latency,
            List<GpuMemory> gpuMemory) {

        public Model {
            gpuMemory = gpuMemory == null ? List.of() : List.copyOf(gpuMemory);
        }
    }

    /**
     * What a model holds of a GPU.
     *
     * @param gpu its number on the agent's machine, as the agent sees it
     * @param budgetBytes what all models of the agent may hold of it together
     */
    @Schema(name = "ModelGpuMemory")
    public record GpuMemory(int gpu, long bytes, long budgetBytes) {}

    /**
     * How long requests took.
     *
     * @param bucketUpperBoundsMs upper bounds of the buckets, in milliseconds
     * @param counts requests in each bucket, one more than bounds for what took longer than all of them
     */
    public record Latency(List<Double> bucketUpperBoundsMs, List<Long> counts, double sumMs) {

        public Latency {
            bucketUpperBoundsMs = bucketUpperBoundsMs == null ? List.of() : List.copyOf(bucketUpperBoundsMs);
            counts = counts == null ? List.of() : List.copyOf(counts);
        }

        /** The upper bound of the bucket that holds the quantile, in milliseconds; null without requests. */
        public @Nullable Double quantileMs(double quantile) {
            var total = counts.stream().mapToLong(Long::longValue).sum();
            if (total == 0) {
                return null;
            }
            var rank = (long) Math.ceil(quantile * total);
            var seen = 0L;
            for (var i = 0; i < counts.size(); i++) {
                seen += counts.get(i);
                if (seen >= rank) {
                    return i < bucketUpperBoundsMs.size() ? bucketUpperBoundsMs.get(i) : Double.POSITIVE_INFINITY;
                }
            }
            return null;
        }
    }
}
