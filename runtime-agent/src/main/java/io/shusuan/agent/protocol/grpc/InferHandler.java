package io.shusuan.agent.protocol.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import io.shusuan.agent.inference.ServingException;
import org.jspecify.annotations.Nullable;

/** Receives the one message of an infer call and gives it to whoever answers; one that is never answered is closed here. */
final class InferHandler implements ServerCallHandler<InferMessage, AnswerMessage> {
    private final InferCall infer;

    InferHandler(InferCall infer) {
        this.infer = infer;
    }

    @Override
    public ServerCall.Listener<InferMessage> startCall(ServerCall<InferMessage, AnswerMessage> call, Metadata headers) {
        // the second would be an error of the client's, which must be seen
        call.request(2);
        return new Receiving(call);
    }

    private final class Receiving extends ServerCall.Listener<InferMessage> {
        private final ServerCall<InferMessage, AnswerMessage> call;
        private final UnaryAnswer answer;
        private @Nullable InferMessage message;

        Receiving(ServerCall<InferMessage, AnswerMessage> call) {
            this.call = call;
            this.answer = new UnaryAnswer(call);
        }

        @Override
        public void onMessage(InferMessage received) {
            if (message != null) {
                received.close();
                drop();
                call.close(Status.INTERNAL.withDescription("Too many requests"), new Metadata());
                return;
            }
            message = received;
        }

        @Override
        public void onHalfClose() {
            var received = message;
            message = null;
            if (received == null) {
                answer.fail(ServingException.internal("Half-closed without a request"));
                return;
            }
            try (received) {
                infer.handle(received, answer);
            }
        }

        @Override
        public void onCancel() {
            drop();
            answer.callerLeft();
        }

        private void drop() {
            if (message != null) {
                message.close();
                message = null;
            }
        }
    }
}
