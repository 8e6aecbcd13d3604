package io.shusuan.web.queue;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.api.problem.SettingFault;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The labels of a flavour as lines of a form, {@code key=value} each. */
final class LabelLines {

    private LabelLines() {}

    static String of(Map<String, String> labels) {
        return new TreeMap<>(labels)
                .entrySet().stream()
                        .map(label -> label.getKey() + "=" + label.getValue())
                        .collect(Collectors.joining("\n"));
    }

    /** As the API takes them. */
    static JsonNode json(Map<String, String> sent) {
        var body = JsonNodeFactory.instance.objectNode();
        var labels = body.putObject("labels");
        for (var line :
                sent.getOrDefault("labels", "").lines().map(String::strip).toList()) {
            if (line.isEmpty()) {
                continue;
            }
            var sign = line.indexOf('=');
            if (sign < 1) {
                throw wrong("must be lines such as key=value, not '%s'".formatted(line));
            }
            var key = line.substring(0, sign).strip();
            if (labels.has(key)) {
                throw wrong("must name each key once, not '%s' twice".formatted(key));
            }
            labels.put(key, line.substring(sign + 1).strip());
        }
        return body;
    }

    private static ProblemException wrong(String message) {
        return new ProblemException(
                ProblemKind.INVALID_SETTINGS,
                "1 fault(s); the first: labels " + message,
                List.of(new SettingFault("labels", message)));
    }
}
