package io.shusuan.agent.engine.command;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** The mean time of each layer of a run, the slowest first, from the trace that ONNX Runtime writes. */
record Profile(List<Line> layers) {
    record Line(String name, String operator, double micros) {}

    private static final String KERNEL = "_kernel_time";

    static Profile read(Path trace, int runs) throws IOException {
        var micros = new HashMap<String, Double>();
        var operators = new HashMap<String, String>();
        try (var in = Files.newInputStream(trace);
                var json = new JsonFactory().createParser(ObjectReadContext.empty(), in)) {
            while (json.nextToken() != null) {
                if (json.currentToken() == JsonToken.START_OBJECT) {
                    event(json, micros, operators);
                }
            }
        }
        return new Profile(micros.entrySet().stream()
                .map(entry ->
                        new Line(entry.getKey(), operators.getOrDefault(entry.getKey(), ""), entry.getValue() / runs))
                .sorted(Comparator.comparingDouble(Line::micros).reversed())
                .toList());
    }

    /** One event of the trace; only those that time a kernel count. */
    private static void event(JsonParser json, Map<String, Double> micros, Map<String, String> operators) {
        var name = "";
        var operator = "";
        double duration = 0;
        int depth = 1;
        while (depth > 0) {
            var token = json.nextToken();
            if (token == JsonToken.START_OBJECT) {
                depth++;
            } else if (token == JsonToken.END_OBJECT) {
                depth--;
            } else if (token == JsonToken.VALUE_STRING && "name".equals(json.currentName())) {
                name = json.getString();
            } else if (token == JsonToken.VALUE_STRING && "op_name".equals(json.currentName())) {
                operator = json.getString();
            } else if (token == JsonToken.VALUE_NUMBER_INT && "dur".equals(json.currentName())) {
                duration = json.getLongValue();
            }
        }
        if (name.endsWith(KERNEL)) {
            var layer = name.substring(0, name.length() - KERNEL.length());
            micros.merge(layer, duration, Double::sum);
            operators.put(layer, operator);
        }
    }

    private double total() {
        return layers.stream().mapToDouble(Line::micros).sum();
    }

    String text() {
        var text =
                new StringBuilder(String.format(Locale.ROOT, "%.3f ms in %d layers%n", total() / 1e3, layers.size()));
        for (var layer : layers) {
            text.append(String.format(
                    Locale.ROOT,
                    "%10.1f µs %5.1f %%  %-20s %s%n",
                    layer.micros(),
                    100 * layer.micros() / total(),
                    layer.operator(),
                    layer.name()));
        }
        return text.toString();
    }

    String json() {
        var text = new StringWriter();
        try (var json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeNumberProperty("totalMicros", total());
            json.writeArrayPropertyStart("layers");
            for (var layer : layers) {
                json.writeStartObject();
                json.writeStringProperty("name", layer.name());
                json.writeStringProperty("operator", layer.operator());
                json.writeNumberProperty("micros", layer.micros());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        return text.toString();
    }
}
