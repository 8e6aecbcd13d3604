package io.shusuan.agent.protocol.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.protocol.access.Tokens;
import java.util.function.Supplier;

/** {@code /metrics}, on a port of its own. */
public final class MetricsHttp implements HttpService {
    private static final String EXPOSITION = "text/plain; version=0.0.4; charset=utf-8";

    private final Tokens tokens;
    private final Supplier<String> exposition;

    public MetricsHttp(Tokens tokens, Supplier<String> exposition) {
        this.tokens = tokens;
        this.exposition = exposition;
    }

    @Override
    public void handle(HttpCall call, Responder responder) {
        tokens.check(call.headers().get(HttpHeaderNames.AUTHORIZATION));
        var path = RequestPath.parse(call.path());
        if (path == null || path.size() != 1 || !path.getFirst().equals("metrics")) {
            throw InferenceHttp.notFound();
        }
        InferenceHttp.get(call, HttpAnswer.TEXT);
        responder.send(HttpAnswer.text(EXPOSITION, exposition.get()));
    }

    @Override
    public HttpAnswer answerFor(RuntimeException failure) {
        return switch (failure) {
            case HttpRefusal refusal -> HttpAnswer.error(refusal.status(), refusal.contentType(), refusal.text());
            case ServingException refusal ->
                HttpAnswer.error(HttpResponseStatus.UNAUTHORIZED, HttpAnswer.JSON, refusal.text())
                        .with("WWW-Authenticate", "Bearer");
            default ->
                HttpAnswer.error(
                        HttpResponseStatus.INTERNAL_SERVER_ERROR, HttpAnswer.JSON, "the metrics could not be read");
        };
    }
}
