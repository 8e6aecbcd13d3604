package io.shusuan.api.serving;

import java.io.IOException;
import java.util.Objects;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.WebSocketMessage;
import org.springframework.web.socket.WebSocketSession;

/**
 * The caller's side of a bridge to a replica. Whatever one side says or how it ends, the other hears; messages go on in the
 * parts they come in, so that their size does not matter.
 */
final class WebSocketBridge implements WebSocketHandler {

    /** The attribute of a session that holds the other side. */
    static final String REPLICA = WebSocketBridge.class.getName() + ".replica";

    @Override
    public void afterConnectionEstablished(WebSocketSession caller) throws IOException {
        replicaOf(caller).join(caller);
    }

    @Override
    public void handleMessage(WebSocketSession caller, WebSocketMessage<?> message) throws IOException {
        replicaOf(caller).send(message);
    }

    @Override
    public void handleTransportError(WebSocketSession caller, Throwable error) {
        replicaOf(caller).close(CloseStatus.GOING_AWAY);
    }

    @Override
    public void afterConnectionClosed(WebSocketSession caller, CloseStatus status) {
        replicaOf(caller).close(status);
    }

    @Override
    public boolean supportsPartialMessages() {
        return true;
    }

    private static ReplicaSocket replicaOf(WebSocketSession caller) {
        return (ReplicaSocket) Objects.requireNonNull(caller.getAttributes().get(REPLICA));
    }
}
