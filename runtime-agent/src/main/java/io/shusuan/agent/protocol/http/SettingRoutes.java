package io.shusuan.agent.protocol.http;

import io.netty.handler.codec.http.HttpMethod;
import io.shusuan.agent.inference.Parameter;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.log.Log;
import io.shusuan.agent.log.LogSettings;
import io.shusuan.agent.repository.Models;
import io.shusuan.agent.trace.TraceSettings;
import io.shusuan.agent.trace.Tracing;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads and changes what the server logs and traces. */
public final class SettingRoutes {
    private final Log log;
    private final Tracing tracing;
    private final Models models;

    public SettingRoutes(Log log, Tracing tracing, Models models) {
        this.log = log;
        this.tracing = tracing;
        this.models = models;
    }

    HttpAnswer logging(HttpCall call) {
        if (!isChange(call)) {
            return answer(log.settings());
        }
        var changes = new HashMap<String, Parameter>();
        JsonFields.read(call.body()).members().forEach((name, value) -> changes.put(name, parameter(value)));
        return answer(log.change(changes));
    }

    private static Parameter parameter(@Nullable Object value) {
        return switch (value) {
            case Boolean flag -> new Parameter.Flag(flag);
            case BigInteger number -> new Parameter.Whole(number.bitLength() < Long.SIZE ? number.longValue() : -1);
            case String text -> new Parameter.Text(text);
            case null, default -> new Parameter.Real(0);
        };
    }

    private static HttpAnswer answer(LogSettings settings) {
        return HttpAnswer.json(Json.document(json -> {
            json.writeStringProperty("log_file", settings.file());
            json.writeBooleanProperty("log_info", settings.info());
            json.writeBooleanProperty("log_warning", settings.warning());
            json.writeBooleanProperty("log_error", settings.error());
            json.writeNumberProperty("log_verbose_level", settings.verboseLevel());
            json.writeStringProperty("log_format", settings.format().text());
        }));
    }

    HttpAnswer tracing(HttpCall call) {
        return answer(isChange(call) ? tracing.change(changes(call)) : tracing.settings());
    }

    HttpAnswer tracing(HttpCall call, String model) {
        models.find(model, 0);
        return answer(isChange(call) ? tracing.change(model, changes(call)) : tracing.settings(model));
    }

    private static Map<String, List<String>> changes(HttpCall call) {
        var changes = new HashMap<String, List<String>>();
        var fields = JsonFields.read(call.body());
        for (var name : fields.names()) {
            var value = fields.get(name);
            switch (value) {
                case null -> changes.put(name, List.of());
                case String text -> changes.put(name, List.of(text));
                case BigInteger number -> changes.put(name, List.of(number.toString()));
                case List<?> _ -> changes.put(name, fields.texts(name));
                default ->
                    throw ServingException.malformed(
                            "Unable to parse '" + name + "': attempt to access JSON non-string as string");
            }
        }
        return changes;
    }

    private static HttpAnswer answer(TraceSettings settings) {
        return HttpAnswer.json(Json.document(json -> {
            json.writeArrayPropertyStart("trace_level");
            settings.level().forEach(json::writeString);
            json.writeEndArray();
            json.writeStringProperty("trace_rate", Long.toString(settings.rate()));
            json.writeStringProperty("trace_count", Long.toString(settings.count()));
            json.writeStringProperty("log_frequency", Long.toString(settings.logFrequency()));
            json.writeStringProperty("trace_file", settings.file());
            json.writeStringProperty("trace_mode", settings.mode().toString());
        }));
    }

    private static boolean isChange(HttpCall call) {
        if (call.method().equals(HttpMethod.POST)) {
            return true;
        }
        InferenceHttp.get(call, HttpAnswer.JSON);
        return false;
    }
}
