package io.shusuan.agent.engine.build;

import io.shusuan.agent.engine.conversion.ReportJson;
import io.shusuan.agent.engine.gate.Accuracy;
import io.shusuan.agent.engine.gate.Latency;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * What became of a build.
 *
 * @param realSamples whether the comparison ran over samples that somebody gave
 * @param failures why the engine must not be served; empty when it may
 */
record BuildReport(
        Platform platform,
        EngineKey key,
        long planBytes,
        Duration took,
        boolean realSamples,
        Accuracy accuracy,
        Latency latency,
        List<String> failures) {
    BuildReport {
        failures = List.copyOf(failures);
    }

    String json() {
        var text = new StringWriter();
        try (var json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("state", failures.isEmpty() ? "ACCEPTED" : "REJECTED");
            json.writeArrayPropertyStart("reasons");
            failures.forEach(json::writeString);
            json.writeEndArray();
            json.writeStringProperty("platform", platform.toString());
            json.writeArrayPropertyStart("builtFrom");
            key.text().lines().forEach(json::writeString);
            json.writeEndArray();
            json.writeNumberProperty("planBytes", planBytes);
            json.writeNumberProperty("buildSeconds", took.toMillis() / 1000.0);
            json.writeStringProperty("samples", realSamples ? "given" : "made up");
            ReportJson.accuracy(json, accuracy);
            ReportJson.latency(json, latency);
            json.writeEndObject();
        }
        return text.toString();
    }
}
