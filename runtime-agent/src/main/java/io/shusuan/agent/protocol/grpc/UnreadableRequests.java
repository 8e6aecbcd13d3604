package io.shusuan.agent.protocol.grpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/** Ends a call whose bytes are no message, before its handler sees them. */
final class UnreadableRequests implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            private boolean ended;

            @Override
            public void onMessage(Q message) {
                if (call.getMethodDescriptor().getRequestMarshaller() instanceof RequestMarshaller<?> marshaller
                        && marshaller.isUnreadable(message)) {
                    ended = true;
                    call.close(
                            Status.INVALID_ARGUMENT.withDescription("the request is not a protobuf message"),
                            new Metadata());
                    super.onCancel();
                } else if (!ended) {
                    super.onMessage(message);
                }
            }

            @Override
            public void onHalfClose() {
                if (!ended) {
                    super.onHalfClose();
                }
            }

            @Override
            public void onCancel() {
                if (!ended) {
                    super.onCancel();
                }
            }

            @Override
            public void onComplete() {
                if (!ended) {
                    super.onComplete();
                }
            }

            @Override
            public void onReady() {
                if (!ended) {
                    super.onReady();
                }
            }
        };
    }
}
