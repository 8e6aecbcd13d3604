package io.shusuan.agent.protocol.http;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.protocol.access.Access;
import io.shusuan.agent.protocol.access.Api;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every path of the inference protocol, and which part answers it. */
public final class InferenceHttp implements HttpService {
    private static final Logger log = System.getLogger(InferenceHttp.class.getName());

    private final Access access;
    private final ServerRoutes server;
    private final ModelRoutes models;
    private final InferRoute infer;
    private final GenerateRoute generate;
    private final RepositoryRoutes repository;
    private final SharedMemoryRoutes memory;
    private final SettingRoutes settings;
    private final ExplanationRoute explanation;
    private final ConversionRoutes conversions;
    private final boolean strict;

    public InferenceHttp(
            Access access,
            ServerRoutes server,
            ModelRoutes models,
            InferRoute infer,
            GenerateRoute generate,
            RepositoryRoutes repository,
            SharedMemoryRoutes memory,
            SettingRoutes settings,
            ExplanationRoute explanation,
            ConversionRoutes conversions,
            boolean strict) {
        this.access = access;
        this.server = server;
        this.models = models;
        this.infer = infer;
        this.generate = generate;
        this.repository = repository;
        this.memory = memory;
        this.settings = settings;
        this.explanation = explanation;
        this.conversions = conversions;
        this.strict = strict;
    }

    @Override
    public void handle(HttpCall call, Responder responder) {
        var path = RequestPath.parse(call.path());
        if (path == null || path.isEmpty() || !path.getFirst().equals("v2")) {
            throw new HttpRefusal(HttpResponseStatus.NOT_FOUND, HttpAnswer.TEXT, "Not Found");
        }
        var rest = path.subList(1, path.size());
        access.check(apiOf(rest), call.headers()::get);
        if (rest.isEmpty()) {
            get(call, HttpAnswer.TEXT);
            responder.send(server.metadata());
            return;
        }
        var below = rest.subList(1, rest.size());
        switch (rest.getFirst()) {
            case "health" -> health(call, below, responder);
            case "models" -> models(call, below, responder);
            case "repository" -> repository.handle(call, below, responder);
            case "systemsharedmemory" -> responder.send(memory.system(call, below));
            case "cudasharedmemory" -> responder.send(memory.cuda(call, below));
            case "trace" -> {
                if (!below.equals(List.of("setting"))) {
                    throw notFound();
                }
                responder.send(settings.tracing(call));
            }
            case "logging" -> {
                if (!below.isEmpty()) {
                    throw notFound();
                }
                responder.send(settings.logging(call));
            }
            case "requests" -> {
                if (below.size() != 1) {
                    throw notFound();
                }
                get(call, HttpAnswer.TEXT);
                responder.send(explanation.of(below.getFirst()));
            }
            case "engines" -> responder.send(conversions.answer(call, below));
            default -> throw notFound();
        }
    }

    private static Api apiOf(List<String> path) {
        if (path.isEmpty()) {
            return Api.METADATA;
        }
        return switch (path.getFirst()) {
            case "health" -> Api.HEALTH;
            case "repository", "engines" -> Api.MODEL_REPOSITORY;
            case "systemsharedmemory", "cudasharedmemory" -> Api.SHARED_MEMORY;
            case "trace", "requests" -> Api.TRACE;
            case "logging" -> Api.LOGGING;
            default ->
                switch (path.getLast()) {
                    case "ready" -> Api.HEALTH;
                    case "infer", "generate", "generate_stream" -> Api.INFERENCE;
                    case "config" -> Api.MODEL_CONFIG;
                    case "stats" -> Api.STATISTICS;
                    case "setting" -> Api.TRACE;
                    default -> Api.METADATA;
                };
        };
    }

    private void health(HttpCall call, List<String> path, Responder responder) {
        if (path.equals(List.of("live"))) {
            get(call, HttpAnswer.TEXT);
            responder.send(server.live());
        } else if (path.equals(List.of("ready"))) {
            get(call, HttpAnswer.TEXT);
            responder.send(server.ready());
        } else {
            throw notFound();
        }
    }

    private void models(HttpCall call, List<String> path, Responder responder) {
        if (path.equals(List.of("stats"))) {
            get(call, HttpAnswer.TEXT);
            responder.send(models.statistics());
            return;
        }
        if (path.isEmpty()) {
            throw notFound();
        }
        var model = path.getFirst();
        @Nullable String version = null;
        var action = path.subList(1, path.size());
        if (action.size() >= 2 && action.getFirst().equals("versions")) {
            version = action.get(1);
            action = action.subList(2, action.size());
        }
        if (action.isEmpty()) {
            get(call, HttpAnswer.TEXT);
            responder.send(models.metadata(model, version));
            return;
        }
        if (action.size() > 1) {
            if (action.equals(List.of("trace", "setting"))) {
                responder.send(settings.tracing(call, model));
                return;
            }
            throw notFound();
        }
        switch (action.getFirst()) {
            case "ready" -> {
                get(call, HttpAnswer.TEXT);
                responder.send(models.ready(model, version));
            }
            case "config" -> {
                get(call, HttpAnswer.TEXT);
                responder.send(models.config(model, version));
            }
            case "stats" -> {
                get(call, HttpAnswer.TEXT);
                responder.send(models.statistics(model, version));
            }
            case "infer" -> {
                post(call, HttpAnswer.TEXT);
                infer.handle(call, model, version, responder);
            }
            case "generate", "generate_stream" -> {
                post(call, HttpAnswer.TEXT);
                generate.handle(call, model, version, action.getFirst().equals("generate_stream"), responder);
            }
            default -> throw notFound();
        }
    }

    static void get(HttpCall call, String contentType) {
        if (!call.method().equals(HttpMethod.GET)) {
            throw new HttpRefusal(HttpResponseStatus.METHOD_NOT_ALLOWED, contentType, "Method Not Allowed");
        }
    }

    static void post(HttpCall call, String contentType) {
        if (!call.method().equals(HttpMethod.POST)) {
            throw new HttpRefusal(HttpResponseStatus.METHOD_NOT_ALLOWED, contentType, "Method Not Allowed");
        }
    }

    static HttpRefusal notFound() {
        return new HttpRefusal(HttpResponseStatus.NOT_FOUND, HttpAnswer.TEXT, "Not Found");
    }

    @Override
    public HttpAnswer answerFor(RuntimeException failure) {
        return switch (failure) {
            case HttpRefusal refusal -> HttpAnswer.error(refusal.status(), refusal.contentType(), refusal.text());
            case ServingException refusal
            when refusal.reason() == Reason.UNAUTHENTICATED ->
                HttpAnswer.error(status(refusal.reason()), HttpAnswer.JSON, refusal.text())
                        .with("WWW-Authenticate", "Bearer");
            case ServingException refusal ->
                HttpAnswer.error(status(refusal.reason()), HttpAnswer.JSON, refusal.text());
            default -> {
                log.log(Level.ERROR, "a request failed", failure);
                yield HttpAnswer.error(
                        HttpResponseStatus.INTERNAL_SERVER_ERROR,
                        HttpAnswer.JSON,
                        "the server failed; its log says why");
            }
        };
    }

    private HttpResponseStatus status(Reason reason) {
        return switch (reason) {
            case INVALID, CANCELLED -> HttpResponseStatus.BAD_REQUEST;
            case ALREADY_EXISTS -> strict ? HttpResponseStatus.CONFLICT : HttpResponseStatus.BAD_REQUEST;
            case MALFORMED -> strict ? HttpResponseStatus.BAD_REQUEST : HttpResponseStatus.INTERNAL_SERVER_ERROR;
            case NOT_FOUND -> HttpResponseStatus.NOT_FOUND;
            case UNAUTHENTICATED -> HttpResponseStatus.UNAUTHORIZED;
            case RESTRICTED -> HttpResponseStatus.FORBIDDEN;
            case UNAVAILABLE -> HttpResponseStatus.SERVICE_UNAVAILABLE;
            case UNSUPPORTED -> HttpResponseStatus.NOT_IMPLEMENTED;
            case TOO_LARGE -> HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE;
            case BACKEND, INTERNAL -> HttpResponseStatus.INTERNAL_SERVER_ERROR;
        };
    }
}
