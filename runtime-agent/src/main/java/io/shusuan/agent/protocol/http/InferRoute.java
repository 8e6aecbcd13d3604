package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Timing;
import io.shusuan.agent.protocol.ModelVersions;
import io.shusuan.agent.protocol.sharedmemory.SharedMemory;
import io.shusuan.agent.protocol.sharedmemory.SharedOutputs;
import io.shusuan.agent.repository.Models;
import io.shusuan.agent.repository.ServedModel;
import io.shusuan.agent.trace.Protocol;
import io.shusuan.agent.trace.Tracing;
import org.jspecify.annotations.Nullable;

/** Runs a model: body to request, request to the model, response to body. */
public final class InferRoute {
    private final Models models;
    private final SharedMemory memory;
    private final ForwardedHeaders forwarded;
    private final Tracing tracing;
    private final int maxBodyBytes;

    public InferRoute(
            Models models, SharedMemory memory, ForwardedHeaders forwarded, Tracing tracing, int maxBodyBytes) {
        this.models = models;
        this.memory = memory;
        this.forwarded = forwarded;
        this.tracing = tracing;
        this.maxBodyBytes = maxBodyBytes;
    }

    void handle(HttpCall call, String name, @Nullable String versionText, Responder responder) {
        var coding = ContentCoding.of(call.headers().get(HttpHeaderNames.CONTENT_ENCODING));
        long version = ModelVersions.parse(versionText);
        var model = find(name, version);
        if (model.tensors().decoupled()) {
            throw ServingException.unsupported(
                    "HTTP end point doesn't support models with decoupled transaction policy");
        }
        var trace = tracing.begin(Protocol.HTTP, name, call.headers()::get);
        if (trace != null) {
            responder.traced(trace);
        }
        ByteBuf plain = coding.decode(call.body().retainedSlice(), call.headers(), maxBodyBytes);
        try {
            var parsed = read(call, model, plain);
            forwarded.add(call.headers(), parsed.parameters());
            var request = new InferenceRequest(
                    name,
                    version,
                    parsed.id(),
                    parsed.inputs(),
                    parsed.outputNames(),
                    parsed.parameters().read(),
                    new Timing(call.receivedNanos()));
            SharedOutputs shared = null;
            boolean accepted = false;
            try {
                shared = new SharedOutputs(memory, parsed.places());
                shared.lendTo(request);
                var answer = new InferAnswer(
                        parsed,
                        shared,
                        ContentCoding.accepted(call.headers().get(HttpHeaderNames.ACCEPT_ENCODING)),
                        model);
                responder.onDisconnect(request::cancel);
                var answering = new Answering(responder, answer);
                models.infer(request, trace == null ? answering : trace.follow(request, model.version(), answering));
                accepted = true;
            } finally {
                if (!accepted) {
                    request.close();
                    if (shared != null) {
                        shared.close();
                    }
                }
            }
        } finally {
            plain.release();
        }
    }

    private ServedModel find(String name, long version) {
        try {
            return models.find(name, version);
        } catch (ServingException notThere) {
            var status = switch (notThere.reason()) {
                case NOT_FOUND -> HttpResponseStatus.NOT_FOUND;
                case INVALID -> HttpResponseStatus.BAD_REQUEST;
                default -> HttpResponseStatus.SERVICE_UNAVAILABLE;
            };
            throw new HttpRefusal(status, HttpAnswer.TEXT, notThere.text());
        }
    }

    private ParsedInfer read(HttpCall call, ServedModel model, ByteBuf body) {
        var header = call.headers().get(RequestBody.JSON_LENGTH_HEADER);
        if (header == null && !body.isReadable()) {
            return RawInput.read(model.tensors(), body);
        }
        int jsonBytes = header == null ? body.readableBytes() : jsonLength(header, body.readableBytes());
        if (jsonBytes == 0) {
            return RawInput.read(model.tensors(), body);
        }
        var binary = body.slice(body.readerIndex() + jsonBytes, body.readableBytes() - jsonBytes);
        if (body.hasArray()) {
            return InferJson.read(
                    body.array(), body.arrayOffset() + body.readerIndex(), jsonBytes, binary, header != null, memory);
        }
        byte[] json = ByteBufUtil.getBytes(body, body.readerIndex(), jsonBytes);
        return InferJson.read(json, 0, json.length, binary, true, memory);
    }

    private static int jsonLength(String header, int bodyBytes) {
        long length;
        try {
            length = Long.parseLong(header.strip());
        } catch (NumberFormatException notANumber) {
            throw new HttpRefusal(
                    HttpResponseStatus.BAD_REQUEST,
                    HttpAnswer.TEXT,
                    "Unable to parse " + RequestBody.JSON_LENGTH_HEADER + ", got: " + header);
        }
        if (length < 0 || length > bodyBytes) {
            throw new HttpRefusal(
                    HttpResponseStatus.BAD_REQUEST,
                    HttpAnswer.TEXT,
                    "inference header size should be in range (0, " + bodyBytes + "), got: " + length);
        }
        return (int) length;
    }

    /** Hands the outcome to the connection, which makes the bytes on its own thread so that the instance can go on. */
    private record Answering(Responder responder, InferAnswer answer) implements Completion {
        @Override
        public void completed(InferenceResponse response) {
            responder.sendLater(() -> answer.encode(response));
        }

        @Override
        public void failed(ServingException failure) {
            responder.sendLater(() -> {
                answer.cancel();
                throw failure;
            });
        }
    }
}
