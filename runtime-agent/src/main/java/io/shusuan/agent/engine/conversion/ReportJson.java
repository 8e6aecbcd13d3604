package io.shusuan.agent.engine.conversion;

import io.shusuan.agent.engine.gate.Accuracy;
import io.shusuan.agent.engine.gate.Latency;
import io.shusuan.agent.engine.precision.Layer;
import java.io.StringWriter;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** A report as it lies beside the model and as commands print it with {@code --json}. */
public final class ReportJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    private ReportJson() {}

    public static String write(Report report) {
        var text = new StringWriter();
        try (var json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("state", report.state());
            json.writeArrayPropertyStart("reasons");
            report.failures().forEach(json::writeString);
            json.writeEndArray();
            json.writeStringProperty("model", report.model());
            json.writeStringProperty("sha256", report.sha256());
            json.writeStringProperty("precision", report.precision().toString());
            json.writeStringProperty("settings", report.settings());
            json.writeNumberProperty("bytesBefore", report.bytesBefore());
            json.writeNumberProperty("bytesAfter", report.bytesAfter());
            accuracy(json, report.accuracy());
            report.latency().ifPresent(latency -> latency(json, latency));
            json.writeObjectPropertyStart("layerCounts");
            for (var outcome : Layer.Outcome.values()) {
                json.writeNumberProperty(outcome.name(), report.count(outcome));
            }
            json.writeEndObject();
            json.writeArrayPropertyStart("layers");
            report.layers().forEach(layer -> layer(json, layer));
            json.writeEndArray();
            json.writeEndObject();
        }
        return text.toString();
    }

    public static void accuracy(JsonGenerator json, Accuracy accuracy) {
        json.writeObjectPropertyStart("accuracy");
        json.writeNumberProperty("samples", accuracy.samples());
        json.writeArrayPropertyStart("outputs");
        for (var output : accuracy.outputs()) {
            json.writeStartObject();
            json.writeStringProperty("name", output.output());
            json.writeNumberProperty("maxError", output.max());
            json.writeNumberProperty("meanError", output.mean());
            json.writeNumberProperty("relativeError", output.relative());
            json.writeEndObject();
        }
        json.writeEndArray();
        if (accuracy.task().isPresent()) {
            var task = accuracy.task().get();
            json.writeObjectPropertyStart("task");
            json.writeNumberProperty("before", task.before());
            json.writeNumberProperty("after", task.after());
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    public static void latency(JsonGenerator json, Latency latency) {
        json.writeObjectPropertyStart("latency");
        json.writeNumberProperty("threads", latency.threads());
        json.writeNumberProperty("runs", latency.runs());
        json.writeNumberProperty("beforeMs", latency.beforeMs());
        json.writeNumberProperty("afterMs", latency.afterMs());
        json.writeNumberProperty("speedup", latency.speedup());
        json.writeEndObject();
    }

    private static void layer(JsonGenerator json, Layer layer) {
        json.writeStartObject();
        json.writeStringProperty("name", layer.name());
        json.writeStringProperty("operator", layer.operator());
        json.writeStringProperty("outcome", layer.outcome().name());
        if (!layer.reason().isEmpty()) {
            json.writeStringProperty("reason", layer.reason());
        }
        json.writeEndObject();
    }
}
