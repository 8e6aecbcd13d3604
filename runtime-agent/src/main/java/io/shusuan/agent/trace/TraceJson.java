package io.shusuan.agent.trace;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** A trace as Triton's files have it: what was asked for, then each moment, then tensors, as elements of one array. */
final class TraceJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    private TraceJson() {}

    /** The elements with commas between them. */
    static byte[] entries(Trace trace) {
        var bytes = new ByteArrayOutputStream(1024);
        try (var json = FACTORY.createGenerator(ObjectWriteContext.empty(), (OutputStream) bytes)) {
            json.writeStartArray();
            write(json, trace);
            json.writeEndArray();
        }
        byte[] array = bytes.toByteArray();
        return Arrays.copyOfRange(array, 1, array.length - 1);
    }

    private static void write(JsonGenerator json, Trace trace) {
        var model = trace.model();
        if (model != null) {
            describe(json, model);
        }
        moments(json, trace.id(), trace.connectionMoments());
        if (model != null) {
            happened(json, model);
            steps(json, model);
        }
    }

    private static void describe(JsonGenerator json, ModelTrace model) {
        var request = model.request();
        json.writeStartObject();
        json.writeNumberProperty("id", model.id());
        json.writeStringProperty("model_name", request.model());
        json.writeNumberProperty("model_version", model.version());
        if (!request.id().isEmpty()) {
            json.writeStringProperty("request_id", request.id());
        }
        if (model.parent() != 0) {
            json.writeNumberProperty("parent_id", model.parent());
        }
        json.writeEndObject();
    }

    private static void happened(JsonGenerator json, ModelTrace model) {
        moments(json, model.id(), model.moments());
        moments(json, model.id(), model.computeMoments());
        model.tensors().forEach(tensor -> tensor(json, model.id(), tensor));
    }

    private static void steps(JsonGenerator json, ModelTrace ensemble) {
        for (var step : ensemble.steps()) {
            describe(json, step);
            happened(json, step);
            steps(json, step);
        }
    }

    private static void moments(JsonGenerator json, long id, List<Moment> moments) {
        for (var moment : moments) {
            json.writeStartObject();
            json.writeNumberProperty("id", id);
            json.writeArrayPropertyStart("timestamps");
            json.writeStartObject();
            json.writeStringProperty("name", moment.name());
            json.writeNumberProperty("ns", moment.nanos());
            json.writeEndObject();
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private static void tensor(JsonGenerator json, long id, TensorText tensor) {
        json.writeStartObject();
        json.writeNumberProperty("id", id);
        json.writeStringProperty("activity", tensor.activity());
        json.writeObjectPropertyStart("tensor");
        json.writeStringProperty("name", tensor.name());
        json.writeStringProperty("data", tensor.data());
        json.writeStringProperty("shape", tensor.shape());
        json.writeStringProperty("dtype", tensor.type());
        json.writeEndObject();
        json.writeEndObject();
    }
}
