package io.shusuan.agent.protocol.grpc;

import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.protocol.grpc.transport.Status;
import io.shusuan.agent.protocol.grpc.transport.Status.Code;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Failures as gRPC says them. */
final class GrpcStatus {
    private static final Logger log = System.getLogger(GrpcStatus.class.getName());

    private GrpcStatus() {}

    static Status of(RuntimeException failure) {
        if (failure instanceof ServingException refusal) {
            return new Status(code(refusal.reason()), refusal.text());
        }
        return of(internal(failure));
    }

    /** A failure that nobody foresaw: the log has it, the caller hears where to look. */
    static ServingException internal(RuntimeException failure) {
        log.log(Level.ERROR, "a call failed", failure);
        return ServingException.internal("the server failed; its log says why");
    }

    private static Code code(Reason reason) {
        return switch (reason) {
            case INVALID, MALFORMED -> Code.INVALID_ARGUMENT;
            case NOT_FOUND -> Code.NOT_FOUND;
            case UNAUTHENTICATED -> Code.UNAUTHENTICATED;
            case RESTRICTED -> Code.UNAVAILABLE;
            case ALREADY_EXISTS -> Code.ALREADY_EXISTS;
            case UNAVAILABLE -> Code.UNAVAILABLE;
            case UNSUPPORTED -> Code.UNIMPLEMENTED;
            case TOO_LARGE -> Code.RESOURCE_EXHAUSTED;
            case CANCELLED -> Code.CANCELLED;
            case BACKEND, INTERNAL -> Code.INTERNAL;
        };
    }
}
