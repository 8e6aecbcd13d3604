package io.shusuan.agent.log;

import java.io.StringWriter;
import java.util.logging.LogRecord;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** A line of the log as one JSON object. What the protocol writes in front of messages about a request becomes a member. */
final class JsonLine {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final Pattern LABEL = Pattern.compile("\\[request id: (.*?)\\] (.*)", Pattern.DOTALL);

    private JsonLine() {}

    static String of(String time, LogRecord line, String message, @Nullable String trace) {
        var text = new StringWriter();
        var labelled = LABEL.matcher(message);
        boolean aboutARequest = labelled.matches();
        try (var json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("time", time);
            json.writeStringProperty("level", line.getLevel().getName());
            json.writeStringProperty("logger", line.getLoggerName());
            if (aboutARequest) {
                json.writeStringProperty("request_id", labelled.group(1));
            }
            json.writeStringProperty("message", aboutARequest ? labelled.group(2) : message);
            if (trace != null) {
                json.writeStringProperty("trace", trace);
            }
            json.writeEndObject();
        }
        return text.append(System.lineSeparator()).toString();
    }
}
