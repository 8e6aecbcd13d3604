package io.shusuan.agent.protocol.grpc;

import io.shusuan.agent.protocol.GivenParameters;
import io.shusuan.agent.protocol.grpc.transport.Call;
import io.shusuan.agent.trace.Protocol;
import io.shusuan.agent.trace.Trace;
import io.shusuan.agent.trace.Tracing;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What is done with a call's metadata: a model gets those whose names match a pattern, and a trace goes on. */
final class CallMetadata {
    private static final String ERRORS_END_STREAM = "triton_grpc_error";

    private final Optional<Pattern> forwarded;
    private final Tracing tracing;

    CallMetadata(Optional<Pattern> forwarded, Tracing tracing) {
        this.forwarded = forwarded;
        this.tracing = tracing;
    }

    /** Gives the parameters what the pattern chooses of a call's metadata. */
    void forward(Call call, GivenParameters parameters) {
        forwarded.ifPresent(pattern -> call.headers().forEach((name, value) -> {
            if (pattern.matcher(name).find()) {
                parameters.forward(name, value);
            }
        }));
    }

    /** The trace of a request; null when it is not chosen. */
    @Nullable
    Trace trace(Call call, String model) {
        return tracing.begin(Protocol.GRPC, model, call::header);
    }

    /** Whether the caller wants an error to end a stream with a status, not to be a message of it. */
    static boolean errorsEndStream(Call call) {
        return "true".equalsIgnoreCase(call.header(ERRORS_END_STREAM));
    }
}
