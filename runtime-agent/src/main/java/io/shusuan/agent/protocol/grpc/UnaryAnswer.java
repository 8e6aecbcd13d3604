package io.shusuan.agent.protocol.grpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.shusuan.agent.protocol.grpc.transport.Call;
import io.shusuan.agent.protocol.grpc.transport.Status;
import org.jspecify.annotations.Nullable;

/** The way back of a call that is answered once. An answer to a caller who has gone is dropped. */
final class UnaryAnswer {
    private final Call call;

    @GuardedBy("this")
    private @Nullable Runnable whenCallerLeaves;

    @GuardedBy("this")
    private boolean left;

    UnaryAnswer(Call call) {
        this.call = call;
    }

    /** When this throws, the call can still fail. */
    void send(AnswerMessage message) {
        call.send(Framed.answer(message));
        call.close(Status.OK);
    }

    void fail(RuntimeException failure) {
        call.close(GrpcStatus.of(failure));
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
