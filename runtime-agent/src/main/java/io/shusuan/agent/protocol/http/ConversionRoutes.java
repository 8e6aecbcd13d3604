package io.shusuan.agent.protocol.http;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.shusuan.agent.conversion.Conversion;
import io.shusuan.agent.conversion.ConversionOrder;
import io.shusuan.agent.conversion.Conversions;
import io.shusuan.agent.inference.ServingException;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JsonGenerator;

/** Conversions of models, asked for and looked after: {@code /v2/engines/conversions}. */
public final class ConversionRoutes {
    private static final Set<String> FIELDS = Set.of("model", "version", "output_version", "options");

    private final Conversions conversions;

    public ConversionRoutes(Conversions conversions) {
        this.conversions = conversions;
    }

    HttpAnswer answer(HttpCall call, List<String> path) {
        if (path.isEmpty() || path.size() > 2 || !path.getFirst().equals("conversions")) {
            throw InferenceHttp.notFound();
        }
        if (path.size() == 1) {
            return call.method().equals(HttpMethod.POST) ? submit(call) : all(call);
        }
        var id = path.getLast();
        if (call.method().equals(HttpMethod.DELETE)) {
            return HttpAnswer.json(Json.document(json -> write(json, conversions.cancel(id))));
        }
        InferenceHttp.get(call, HttpAnswer.JSON);
        return HttpAnswer.json(Json.document(json -> write(json, conversions.find(id))));
    }

    private HttpAnswer submit(HttpCall call) {
        var conversion = conversions.submit(order(JsonFields.read(call.body())));
        var answer = HttpAnswer.json(Json.document(json -> write(json, conversion)));
        return new HttpAnswer(HttpResponseStatus.ACCEPTED, HttpAnswer.JSON, answer.headers(), answer.body())
                .with("Location", "/v2/engines/conversions/" + conversion.id());
    }

    private HttpAnswer all(HttpCall call) {
        InferenceHttp.get(call, HttpAnswer.JSON);
        return HttpAnswer.json(Json.value(json -> {
            json.writeStartArray();
            for (var conversion : conversions.all()) {
                json.writeStartObject();
                head(json, conversion);
                json.writeEndObject();
            }
            json.writeEndArray();
        }));
    }

    private static ConversionOrder order(JsonFields body) {
        for (var name : body.names()) {
            if (!FIELDS.contains(name)) {
                throw ServingException.invalid(
                        "a conversion has no '" + name + "'; it has model, version, output_version and options");
            }
        }
        var given = body.object("options");
        var options = new HashMap<String, Object>();
        for (var name : given.names()) {
            var value = given.get(name);
            if (value == null || value instanceof JsonFields) {
                throw ServingException.invalid(
                        "options: '" + name + "' is a text, a number, a Boolean or a list of texts");
            }
            options.put(name, value instanceof List<?> ? given.texts(name) : value);
        }
        return new ConversionOrder(
                body.text("model"), body.unsigned("version"), body.unsigned("output_version"), options);
    }

    private static void head(JsonGenerator json, Conversion conversion) {
        json.writeStringProperty("id", conversion.id());
        json.writeStringProperty("model", conversion.order().model());
        json.writeNumberProperty("version", conversion.order().version());
        json.writeNumberProperty("output_version", conversion.order().outputVersion());
        json.writeStringProperty("state", conversion.state().name());
        json.writeStringProperty("submitted", conversion.submitted().toString());
        if (conversion.started() != null) {
            json.writeStringProperty("started", conversion.started().toString());
        }
        if (conversion.ended() != null) {
            json.writeStringProperty("ended", conversion.ended().toString());
        }
        conversion.code().ifPresent(code -> json.writeStringProperty("code", code));
        if (!conversion.failure().isEmpty()) {
            json.writeStringProperty("error", conversion.failure());
        }
    }

    private static void write(JsonGenerator json, Conversion conversion) {
        head(json, conversion);
        conversion.report().ifPresent(report -> {
            json.writeName("report");
            json.writeRawValue(report);
        });
    }
}
