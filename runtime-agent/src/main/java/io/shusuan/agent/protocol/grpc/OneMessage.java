package io.shusuan.agent.protocol.grpc;

import io.shusuan.agent.protocol.grpc.transport.Call;
import io.shusuan.agent.protocol.grpc.transport.MessageReader;
import io.shusuan.agent.protocol.grpc.transport.Receiver;
import io.shusuan.agent.protocol.grpc.transport.Status;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Receives a call of one message, and gives it to whoever answers when there is no second one. */
final class OneMessage<M> implements Receiver {
    /** How a message is read. */
    interface Reading<M> {
        MessageReader reader(int bytes, Consumer<M> whole);
    }

    /** Whoever answers. */
    interface Handler<M> {
        /** The message is the handler's. */
        void handle(M message);

        /** Lets go of a message that is not handled. */
        default void drop(M message) {}

        default void callerLeft() {}
    }

    private final Call call;
    private final Reading<M> reading;
    private final Handler<M> handler;
    private @Nullable M message;

    private OneMessage(Call call, Reading<M> reading, Handler<M> handler) {
        this.call = call;
        this.reading = reading;
        this.handler = handler;
    }

    static <M> OneMessage<M> receive(Call call, Reading<M> reading, Handler<M> handler) {
        // the second would be an error of the client's, which must be seen
        call.request(2);
        return new OneMessage<>(call, reading, handler);
    }

    @Override
    public MessageReader message(int bytes) {
        return reading.reader(bytes, this::arrived);
    }

    private void arrived(M received) {
        if (message == null) {
            message = received;
            return;
        }
        handler.drop(received);
        drop();
        call.close(new Status(Status.Code.INTERNAL, "Too many requests"));
    }

    @Override
    public boolean awaitsEnd() {
        return true;
    }

    @Override
    public void halfClosed() {
        var received = message;
        message = null;
        if (received == null) {
            call.close(new Status(Status.Code.INTERNAL, "Half-closed without a request"));
        } else {
            handler.handle(received);
        }
    }

    @Override
    public void cancelled() {
        drop();
        handler.callerLeft();
    }

    private void drop() {
        var received = message;
        message = null;
        if (received != null) {
            handler.drop(received);
        }
    }
}
