package io.shusuan.agent.protocol.http;

import io.shusuan.agent.metrics.ModelStatistics.Total;
import io.shusuan.agent.repository.ServedModel;
import tools.jackson.core.JsonGenerator;

/** A model's statistics as the protocol writes them. */
final class StatisticsJson {
    private static final Total NOTHING = new Total(0, 0);

    private StatisticsJson() {}

    static void write(JsonGenerator json, ServedModel model) {
        var stats = model.statistics().snapshot();
        json.writeStartObject();
        json.writeStringProperty("name", model.name());
        json.writeStringProperty("version", Long.toString(model.version()));
        json.writeNumberProperty("last_inference", stats.lastInferenceMillis());
        json.writeNumberProperty("inference_count", stats.inferences());
        json.writeNumberProperty("execution_count", stats.executions());
        json.writeObjectPropertyStart("inference_stats");
        total(json, "success", stats.success());
        total(json, "fail", stats.failure());
        total(json, "queue", stats.queue());
        total(json, "compute_input", stats.computeInput());
        total(json, "compute_infer", stats.computeInfer());
        total(json, "compute_output", stats.computeOutput());
        total(json, "cache_hit", stats.cacheHit());
        total(json, "cache_miss", stats.cacheMiss());
        json.writeEndObject();
        json.writeObjectPropertyStart("response_stats");
        model.statistics().responses().snapshot().forEach((index, place) -> {
            json.writeObjectPropertyStart(index.toString());
            total(json, "compute_infer", place.computeInfer());
            total(json, "compute_output", place.computeOutput());
            total(json, "success", place.success());
            total(json, "fail", place.fail());
            total(json, "empty_response", NOTHING);
            total(json, "cancel", place.cancel());
            json.writeEndObject();
        });
        json.writeEndObject();
        json.writeArrayPropertyStart("batch_stats");
        stats.batches().forEach((size, totals) -> {
            json.writeStartObject();
            json.writeNumberProperty("batch_size", size);
            total(json, "compute_input", totals.computeInput());
            total(json, "compute_infer", totals.computeInfer());
            total(json, "compute_output", totals.computeOutput());
            json.writeEndObject();
        });
        json.writeEndArray();
        json.writeArrayPropertyStart("memory_usage");
        for (var memory : model.gpuMemory()) {
            json.writeStartObject();
            json.writeStringProperty("type", "GPU");
            json.writeNumberProperty("id", memory.gpu());
            json.writeNumberProperty("byte_size", memory.bytes());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void total(JsonGenerator json, String name, Total total) {
        json.writeObjectPropertyStart(name);
        json.writeNumberProperty("count", total.count());
        json.writeNumberProperty("ns", total.nanos());
        json.writeEndObject();
    }
}
