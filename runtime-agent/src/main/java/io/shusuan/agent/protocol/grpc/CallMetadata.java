package io.shusuan.agent.protocol.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.shusuan.agent.protocol.GivenParameters;
import io.shusuan.agent.trace.Protocol;
import io.shusuan.agent.trace.Trace;
import io.shusuan.agent.trace.Tracing;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Keeps the metadata of a call where its handler finds it, and gives the model those whose names match a pattern. */
final class CallMetadata implements ServerInterceptor {
    private static final Context.Key<Metadata> METADATA = Context.key("metadata");
    private static final Metadata.Key<String> ERRORS_END_STREAM =
            Metadata.Key.of("triton_grpc_error", Metadata.ASCII_STRING_MARSHALLER);

    private final Optional<Pattern> forwarded;
    private final Tracing tracing;

    CallMetadata(Optional<Pattern> forwarded, Tracing tracing) {
        this.forwarded = forwarded;
        this.tracing = tracing;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        boolean stream = !call.getMethodDescriptor().getType().serverSendsOneMessage();
        if (forwarded.isEmpty() && !stream && !tracing.isOn()) {
            return next.startCall(call, headers);
        }
        return Contexts.interceptCall(Context.current().withValue(METADATA, headers), call, headers, next);
    }

    /** Gives the parameters what the pattern chooses of the current call's metadata. */
    void forward(GivenParameters parameters) {
        var metadata = METADATA.get();
        if (metadata == null || forwarded.isEmpty()) {
            return;
        }
        for (var name : metadata.keys()) {
            if (!name.endsWith(Metadata.BINARY_HEADER_SUFFIX)
                    && forwarded.get().matcher(name).find()) {
                var value = metadata.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
                if (value != null) {
                    parameters.forward(name, value);
                }
            }
        }
    }

    /** The trace of a request of the current call; null when it is not chosen. */
    @Nullable
    Trace trace(String model) {
        return tracing.begin(Protocol.GRPC, model, CallMetadata::header);
    }

    private static @Nullable String header(String name) {
        var metadata = METADATA.get();
        return metadata == null ? null : metadata.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
    }

    /** Whether the caller of the current stream wants an error to end it with a status, not a message. */
    static boolean errorsEndStream() {
        var metadata = METADATA.get();
        return metadata != null && "true".equalsIgnoreCase(metadata.get(ERRORS_END_STREAM));
    }
}
