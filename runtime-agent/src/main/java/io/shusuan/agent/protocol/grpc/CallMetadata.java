package io.shusuan.agent.protocol.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.shusuan.agent.protocol.GivenParameters;
import java.util.Optional;
import java.util.regex.Pattern;

/** Keeps the metadata of a call where its handler finds it, and gives the model those whose names match a pattern. */
final class CallMetadata implements ServerInterceptor {
    private static final Context.Key<Metadata> METADATA = Context.key("metadata");
    private static final Metadata.Key<String> ERRORS_END_STREAM =
            Metadata.Key.of("triton_grpc_error", Metadata.ASCII_STRING_MARSHALLER);

    private final Optional<Pattern> forwarded;

    CallMetadata(Optional<Pattern> forwarded) {
        this.forwarded = forwarded;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        boolean stream = !call.getMethodDescriptor().getType().serverSendsOneMessage();
        if (forwarded.isEmpty() && !stream) {
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

    /** Whether the caller of the current stream wants an error to end it with a status, not a message. */
    static boolean errorsEndStream() {
        var metadata = METADATA.get();
        return metadata != null && "true".equalsIgnoreCase(metadata.get(ERRORS_END_STREAM));
    }
}
