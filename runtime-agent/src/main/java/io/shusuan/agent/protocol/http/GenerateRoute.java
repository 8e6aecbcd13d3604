package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Timing;
import io.shusuan.agent.protocol.ModelVersions;
import io.shusuan.agent.repository.Models;
import io.shusuan.agent.trace.Protocol;
import io.shusuan.agent.trace.Tracing;
import org.jspecify.annotations.Nullable;

/** Runs a model by the names of its inputs alone, with one answer or a stream of them. */
public final class GenerateRoute {
    private final Models models;
    private final ForwardedHeaders forwarded;
    private final Tracing tracing;
    private final int maxBodyBytes;

    public GenerateRoute(Models models, ForwardedHeaders forwarded, Tracing tracing, int maxBodyBytes) {
        this.models = models;
        this.forwarded = forwarded;
        this.tracing = tracing;
        this.maxBodyBytes = maxBodyBytes;
    }

    void handle(HttpCall call, String name, @Nullable String versionText, boolean stream, Responder responder) {
        var coding = ContentCoding.of(call.headers().get(HttpHeaderNames.CONTENT_ENCODING));
        long version = ModelVersions.parse(versionText);
        var model = models.find(name, version);
        var trace = tracing.begin(Protocol.HTTP, name, call.headers()::get);
        if (trace != null) {
            responder.traced(trace);
        }
        ByteBuf plain = coding.decode(call.body().retainedSlice(), call.headers(), maxBodyBytes);
        ParsedInfer parsed;
        try {
            parsed = GenerateJson.read(model.tensors(), plain);
        } finally {
            plain.release();
        }
        forwarded.add(call.headers(), parsed.parameters());
        var request = new InferenceRequest(
                name,
                version,
                parsed.id(),
                parsed.inputs(),
                parsed.outputNames(),
                parsed.parameters().read(),
                new Timing(call.receivedNanos()));
        boolean accepted = false;
        try {
            responder.onDisconnect(request::cancel);
            var answering = stream
                    ? new GenerationStream(
                            responder,
                            name,
                            model.version(),
                            parsed.id(),
                            parsed.parameters().emptyFinalWanted())
                    : new OneGeneration(responder);
            models.infer(request, trace == null ? answering : trace.follow(request, model.version(), answering));
            accepted = true;
        } finally {
            if (!accepted) {
                request.close();
            }
        }
    }
}
