package io.shusuan.agent.protocol.grpc;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes of messages that have not arrived whole all calls together may hold. gRPC itself bounds one message and one stream's
 * window, not their sum. A call whose next bytes do not fit is ended; the others go on.
 */
final class InboundBudget extends ServerStreamTracer.Factory {
    private final long most;
    private final AtomicLong used = new AtomicLong();

    InboundBudget(long most) {
        this.most = most;
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
        return new Counting();
    }

    /** One call's share. gRPC calls it from one thread at a time. */
    private final class Counting extends ServerStreamTracer {
        private final AtomicLong held = new AtomicLong();

        @Override
        public void inboundWireSize(long bytes) {
            held.addAndGet(bytes);
            if (used.addAndGet(bytes) > most) {
                throw Status.UNAVAILABLE
                        .withDescription("the server holds as many bytes of requests as it may; try again later")
                        .asRuntimeException();
            }
        }

        /** The message is whole: from here on it counts where it waits. */
        @Override
        public void inboundMessageRead(int sequence, long wireBytes, long plainBytes) {
            giveBack();
        }

        @Override
        public void streamClosed(Status status) {
            giveBack();
        }

        private void giveBack() {
            used.addAndGet(-held.getAndSet(0));
        }
    }
}
