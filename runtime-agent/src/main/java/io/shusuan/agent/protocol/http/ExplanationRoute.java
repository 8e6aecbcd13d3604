package io.shusuan.agent.protocol.http;

import io.shusuan.agent.explanation.Explanation;
import io.shusuan.agent.explanation.Explanations;
import io.shusuan.agent.explanation.Outcome;
import io.shusuan.agent.inference.BatchRun;
import io.shusuan.agent.inference.ServingException;
import tools.jackson.core.JsonGenerator;

/** Tells what became of the requests that had an id, whichever protocol they came by. */
public final class ExplanationRoute {
    private final Explanations explanations;

    public ExplanationRoute(Explanations explanations) {
        this.explanations = explanations;
    }

    HttpAnswer of(String id) {
        var known = explanations.of(id);
        if (known.isEmpty()) {
            throw ServingException.notFound("no request with id '" + id + "' has ended lately: the last "
                    + explanations.capacity() + " that were answered and as many that failed are kept, by their ids");
        }
        return HttpAnswer.json(Json.document(json -> {
            json.writeStringProperty("id", id);
            json.writeArrayPropertyStart("requests");
            known.forEach(request -> write(json, request));
            json.writeEndArray();
        }));
    }

    private static void write(JsonGenerator json, Explanation request) {
        json.writeStartObject();
        json.writeStringProperty("model_name", request.model());
        json.writeStringProperty("model_version", request.version() == 0 ? "" : Long.toString(request.version()));
        json.writeStringProperty("received", request.received().toString());
        outcome(json, request.outcome());
        if (request.queue() != null) {
            json.writeStringProperty("queue", request.queue());
            json.writeNumberProperty("priority", request.priority());
        }
        if (request.run() != null) {
            batch(json, request.run());
        }
        var phases = request.phases();
        json.writeObjectPropertyStart("ns");
        json.writeNumberProperty("queue", phases.queue());
        json.writeNumberProperty("compute_input", phases.computeInput());
        json.writeNumberProperty("compute_infer", phases.computeInfer());
        json.writeNumberProperty("compute_output", phases.computeOutput());
        json.writeNumberProperty("first_response", phases.firstResponse());
        json.writeNumberProperty("total", phases.total());
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void outcome(JsonGenerator json, Outcome outcome) {
        switch (outcome) {
            case Outcome.Answered answered -> {
                json.writeStringProperty("outcome", "ANSWERED");
                json.writeNumberProperty("responses", answered.responses());
            }
            case Outcome.Failed failed -> {
                json.writeStringProperty("outcome", failed.reason().name());
                json.writeStringProperty("error", failed.message());
                json.writeNumberProperty("responses", failed.responses());
            }
        }
    }

    private static void batch(JsonGenerator json, BatchRun run) {
        json.writeStringProperty("instance", run.instance());
        json.writeObjectPropertyStart("batch");
        json.writeNumberProperty("number", run.number());
        json.writeNumberProperty("size", run.size());
        json.writeNumberProperty("requests", run.requests());
        json.writeStringProperty("left_because", run.departure());
        json.writeEndObject();
    }
}
