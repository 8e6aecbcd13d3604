package io.shusuan.agent.protocol.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** The way back of a call that is answered once. An answer to a caller who has gone is dropped. */
final class UnaryAnswer {
    private final ServerCall<InferMessage, AnswerMessage> call;
    private @Nullable Runnable whenCallerLeaves;
    private boolean left;
    private boolean closed;

    UnaryAnswer(ServerCall<InferMessage, AnswerMessage> call) {
        this.call = call;
    }

    /** Serialises the message before it returns; when that throws, the call can still fail. */
    void send(AnswerMessage message) {
        if (!isOver()) {
            call.sendHeaders(new Metadata());
            call.sendMessage(message);
            end(Status.OK, new Metadata());
        }
    }

    void fail(RuntimeException failure) {
        if (!isOver()) {
            var status = GrpcStatus.of(failure);
            var trailers = status.getTrailers();
            end(status.getStatus(), trailers == null ? new Metadata() : trailers);
        }
    }

    private synchronized boolean isOver() {
        return closed || left;
    }

    private void end(Status status, Metadata trailers) {
        synchronized (this) {
            closed = true;
        }
        call.close(status, trailers);
    }

    /** Runs the action when the caller goes away before it has its answer; at once when it has gone. */
    void onCallerLeft(Runnable action) {
        synchronized (this) {
            whenCallerLeaves = action;
            if (!left) {
                return;
            }
        }
        action.run();
    }

    void callerLeft() {
        Runnable action;
        synchronized (this) {
            left = true;
            action = whenCallerLeaves;
        }
        if (action != null) {
            action.run();
        }
    }
}
