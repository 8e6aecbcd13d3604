package io.shusuan.agent.protocol.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.shusuan.agent.protocol.RepositoryControl;
import java.util.List;
import java.util.function.Supplier;

/** The repository index, and loading and unloading on request. */
public final class RepositoryRoutes {
    private final RepositoryControl control;

    public RepositoryRoutes(RepositoryControl control) {
        this.control = control;
    }

    void handle(HttpCall call, List<String> path, Responder responder) {
        // a repository may be named before the action; all of this server's repositories are one
        var action = (path.size() == 2 && path.getLast().equals("index")) || path.size() == 4
                ? path.subList(1, path.size())
                : path;
        if (action.equals(List.of("index"))) {
            InferenceHttp.post(call, HttpAnswer.JSON);
            boolean readyOnly = RepositoryBody.readyOnly(call.body());
            responder.send(index(readyOnly));
            return;
        }
        if (action.size() != 3 || !action.getFirst().equals("models")) {
            throw InferenceHttp.notFound();
        }
        var model = action.get(1);
        switch (action.get(2)) {
            case "load" -> {
                InferenceHttp.post(call, HttpAnswer.JSON);
                var asked = RepositoryBody.load(call.body());
                change(responder, () -> control.load(model, asked.config(), asked.files()));
            }
            case "unload" -> {
                InferenceHttp.post(call, HttpAnswer.JSON);
                boolean dependents = RepositoryBody.unloadsDependents(call.body());
                change(responder, () -> control.unload(model, dependents));
            }
            default -> throw InferenceHttp.notFound();
        }
    }

    /** Loading takes its time, so it happens on a thread of its own and the connection is answered after it. */
    private void change(Responder responder, Runnable change) {
        control.begin(() -> responder.sendLater(outcome(change)));
    }

    private static Supplier<HttpAnswer> outcome(Runnable change) {
        try {
            change.run();
            return () -> HttpAnswer.empty(HttpResponseStatus.OK, HttpAnswer.JSON);
        } catch (RuntimeException failed) {
            return () -> {
                throw failed;
            };
        }
    }

    private HttpAnswer index(boolean readyOnly) {
        return HttpAnswer.json(Json.value(json -> {
            json.writeStartArray();
            for (var line : control.index(readyOnly)) {
                json.writeStartObject();
                json.writeStringProperty("name", line.model());
                if (line.version() > 0) {
                    json.writeStringProperty("version", Long.toString(line.version()));
                    json.writeStringProperty("state", line.state().name());
                }
                if (!line.reason().isEmpty()) {
                    json.writeStringProperty("reason", line.reason());
                }
                json.writeEndObject();
            }
            json.writeEndArray();
        }));
    }
}
