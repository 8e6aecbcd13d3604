package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Timing;
import io.shusuan.agent.protocol.ModelVersions;
import io.shusuan.agent.repository.Models;
import org.jspecify.annotations.Nullable;

/** Runs a model by the names of its inputs alone, with one answer or a stream of them. */
public final class GenerateRoute {
    private final Models models;
    private final ForwardedHeaders forwarded;
    private final int maxBodyBytes;

    public GenerateRoute(Models models, ForwardedHeaders forwarded, int maxBodyBytes) {
        this.models = models;
        this.forwarded = forwarded;
        this.maxBodyBytes = maxBodyBytes;
    }

    void handle(HttpCall call, String name, @Nullable String versionText, boolean stream, Responder responder) {
        var coding = ContentCoding.of(call.headers().get(HttpHeaderNames.CONTENT_ENCODING));
        long version = ModelVersions.parse(versionText);
        var model = models.find(name, version);
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
            models.infer(
                    request,
                    stream
                            ? new GenerationStream(
                                    responder,
                                    name,
                                    model.version(),
                                    parsed.id(),
                                    parsed.parameters().emptyFinalWanted())
                            : new OneGeneration(responder));
            accepted = true;
        } finally {
            if (!accepted) {
                request.close();
            }
        }
    }
}
