package io.shusuan.agent.report;

import io.shusuan.agent.backend.GpuMemory;
import io.shusuan.agent.metrics.Phase;
import io.shusuan.agent.report.Heartbeat.Figures;
import io.shusuan.agent.report.Heartbeat.Model;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** A heartbeat as the control plane reads it. */
final class HeartbeatJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    private HeartbeatJson() {}

    static byte[] write(Heartbeat beat) {
        var bytes = new ByteArrayOutputStream(1024);
        try (var json = FACTORY.createGenerator(ObjectWriteContext.empty(), (OutputStream) bytes)) {
            json.writeStartObject();
            json.writeStringProperty("agentId", beat.agentId());
            json.writeStringProperty("hostname", beat.hostname());
            json.writeStringProperty("version", beat.version());
            json.writeStringProperty("startedAt", beat.startedAt());
            job(json, beat.job());
            beat.node().ifPresent(node -> NodeJson.write(json, node));
            json.writeObjectPropertyStart("endpoints");
            optional(json, "http", beat.endpoints().http());
            optional(json, "grpc", beat.endpoints().grpc());
            optional(json, "metrics", beat.endpoints().metrics());
            json.writeEndObject();
            json.writeArrayPropertyStart("devices");
            for (var device : beat.devices()) {
                json.writeStartObject();
                json.writeStringProperty("kind", device.kind());
                json.writeStringProperty("name", device.name());
                json.writeNumberProperty("cores", device.cores());
                json.writeNumberProperty("memoryBytes", device.memoryBytes());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayPropertyStart("backends");
            for (var backend : beat.backends()) {
                json.writeStartObject();
                json.writeStringProperty("name", backend.name());
                json.writeStringProperty("version", backend.version());
                json.writeBooleanProperty("available", backend.problem().isEmpty());
                optional(json, "reason", backend.problem());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayPropertyStart("models");
            beat.models().forEach(model -> model(json, model));
            json.writeEndArray();
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    private static void job(JsonGenerator json, Optional<Heartbeat.Job> job) {
        if (job.isEmpty()) {
            json.writeNullProperty("job");
            return;
        }
        json.writeObjectPropertyStart("job");
        json.writeStringProperty("id", job.get().id());
        json.writeStringProperty("role", job.get().role());
        job.get().task().ifPresent(task -> json.writeNumberProperty("task", task));
        json.writeEndObject();
    }

    private static void model(JsonGenerator json, Model model) {
        json.writeStartObject();
        json.writeStringProperty("name", model.name());
        json.writeStringProperty("version", model.version());
        json.writeStringProperty("state", model.state());
        optional(json, "reason", Optional.of(model.reason()).filter(reason -> !reason.isEmpty()));
        json.writeNumberProperty("requestsTotal", model.requestsTotal());
        json.writeNumberProperty("errorsTotal", model.errorsTotal());
        json.writeNumberProperty("requestsPerSecond", model.requestsPerSecond());
        json.writeObjectPropertyStart("latency");
        numbers(json, "bucketUpperBoundsMs", model.bucketUpperBoundsMs());
        numbers(json, "counts", model.counts());
        json.writeNumberProperty("sumMs", model.sumMs());
        json.writeEndObject();
        figures(json, model.figures());
        gpuMemory(json, model.gpuMemory());
        json.writeEndObject();
    }

    private static void gpuMemory(JsonGenerator json, List<GpuMemory> memory) {
        json.writeArrayPropertyStart("gpuMemory");
        for (var held : memory) {
            json.writeStartObject();
            json.writeNumberProperty("gpu", held.gpu());
            json.writeNumberProperty("bytes", held.bytes());
            json.writeNumberProperty("budgetBytes", held.budget());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void figures(JsonGenerator json, Figures figures) {
        json.writeNumberProperty("pending", figures.pending());
        json.writeNumberProperty("inferences", figures.inferences());
        json.writeNumberProperty("executions", figures.executions());
        json.writeObjectPropertyStart("ns");
        json.writeNumberProperty("queue", figures.queueNanos());
        json.writeNumberProperty("computeInput", figures.computeInputNanos());
        json.writeNumberProperty("computeInfer", figures.computeInferNanos());
        json.writeNumberProperty("computeOutput", figures.computeOutputNanos());
        json.writeEndObject();
        json.writeObjectPropertyStart("phases");
        numbers(json, "bucketUpperBoundsMs", Phase.upperBoundsMs());
        for (var phase : Phase.values()) {
            numbers(json, name(phase), figures.phases().getOrDefault(phase, List.of()));
        }
        json.writeEndObject();
        counts(json, "failures", figures.failures());
        counts(json, "batchSizes", figures.batchSizes());
        counts(json, "batchDepartures", figures.departures());
    }

    private static String name(Phase phase) {
        return switch (phase) {
            case QUEUE -> "queue";
            case COMPUTE_INPUT -> "computeInput";
            case COMPUTE_INFER -> "computeInfer";
            case COMPUTE_OUTPUT -> "computeOutput";
        };
    }

    private static void numbers(JsonGenerator json, String name, List<? extends Number> numbers) {
        json.writeArrayPropertyStart(name);
        numbers.forEach(number -> json.writeRawValue(number.toString()));
        json.writeEndArray();
    }

    private static void counts(JsonGenerator json, String name, Map<?, Long> counts) {
        json.writeObjectPropertyStart(name);
        new TreeMap<>(counts).forEach((key, count) -> json.writeNumberProperty(key.toString(), count));
        json.writeEndObject();
    }

    private static void optional(JsonGenerator json, String name, Optional<String> value) {
        if (value.isPresent()) {
            json.writeStringProperty(name, value.get());
        } else {
            json.writeNullProperty(name);
        }
    }
}
