package io.shusuan.agent.protocol.grpc;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Failures as gRPC says them. */
final class GrpcStatus {
    private static final Logger log = System.getLogger(GrpcStatus.class.getName());

    private GrpcStatus() {}

    static StatusRuntimeException of(RuntimeException failure) {
        if (failure instanceof ServingException refusal) {
            return status(refusal.reason()).withDescription(refusal.text()).asRuntimeException();
        }
        return of(internal(failure));
    }

    /** A failure that nobody foresaw: the log has it, the caller hears where to look. */
    static ServingException internal(RuntimeException failure) {
        log.log(Level.ERROR, "a call failed", failure);
        return ServingException.internal("the server failed; its log says why");
    }

    private static Status status(Reason reason) {
        return switch (reason) {
            case INVALID, MALFORMED -> Status.INVALID_ARGUMENT;
            case NOT_FOUND -> Status.NOT_FOUND;
            case UNAUTHENTICATED -> Status.UNAUTHENTICATED;
            case RESTRICTED -> Status.UNAVAILABLE;
            case ALREADY_EXISTS -> Status.ALREADY_EXISTS;
            case UNAVAILABLE -> Status.UNAVAILABLE;
            case UNSUPPORTED -> Status.UNIMPLEMENTED;
            case TOO_LARGE -> Status.RESOURCE_EXHAUSTED;
            case CANCELLED -> Status.CANCELLED;
            case BACKEND, INTERNAL -> Status.INTERNAL;
        };
    }
}
