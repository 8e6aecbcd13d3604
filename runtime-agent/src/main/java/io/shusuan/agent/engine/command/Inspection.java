package io.shusuan.agent.engine.command;

import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** What a model is made of. */
record Inspection(
        String producer,
        List<String> operatorSets,
        List<String> inputs,
        List<String> outputs,
        Map<String, Long> operators,
        long weights,
        long bytes,
        List<String> unknownOperators) {
    Inspection {
        operators = Map.copyOf(operators);
    }

    String text() {
        var text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "made by   %s, operator sets %s, %.2f MB, %,d weights%n",
                producer.isEmpty() ? "unknown" : producer,
                operatorSets,
                bytes / 1e6,
                weights));
        inputs.forEach(input -> text.append("input     ").append(input).append('\n'));
        outputs.forEach(output -> text.append("output    ").append(output).append('\n'));
        new TreeMap<>(operators)
                .forEach((name, count) -> text.append(String.format(Locale.ROOT, "operator  %5d × %s%n", count, name)));
        unknownOperators.forEach(one -> text.append("unknown   ").append(one).append('\n'));
        return text.toString();
    }

    String json() {
        var text = new StringWriter();
        try (var json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("producer", producer);
            list(json, "operatorSets", operatorSets);
            list(json, "inputs", inputs);
            list(json, "outputs", outputs);
            json.writeObjectPropertyStart("operators");
            new TreeMap<>(operators).forEach(json::writeNumberProperty);
            json.writeEndObject();
            json.writeNumberProperty("weights", weights);
            json.writeNumberProperty("bytes", bytes);
            list(json, "unknownOperators", unknownOperators);
            json.writeEndObject();
        }
        return text.toString();
    }

    private static void list(JsonGenerator json, String name, List<String> values) {
        json.writeArrayPropertyStart(name);
        values.forEach(json::writeString);
        json.writeEndArray();
    }
}
