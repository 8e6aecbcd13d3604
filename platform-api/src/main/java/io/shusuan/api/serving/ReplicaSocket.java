package io.shusuan.api.serving;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.WebSocketMessage;
import org.springframework.web.socket.WebSocketSession;

/**
 * The replica's side of a bridge. It is open first; what the replica says before the caller's side is open waits, and so
 * does the replica: one message is held, never more.
 */
final class ReplicaSocket implements WebSocketHandler {

    private static final Logger log = LoggerFactory.getLogger(ReplicaSocket.class);
    private static final int CALLER_SECONDS = 10;

    private final CompletableFuture<WebSocketSession> caller = new CompletableFuture<>();
    private final CompletableFuture<WebSocketSession> replica = new CompletableFuture<>();

    void opened(WebSocketSession session) {
        replica.complete(session);
    }

    /** The caller's side is open. */
    void join(WebSocketSession session) {
        caller.complete(session);
    }

    /** The subprotocol the replica has chosen; null for none. */
    @Nullable
    String protocol() {
        var chosen = replica.join().getAcceptedProtocol();
        return chosen == null || chosen.isEmpty() ? null : chosen;
    }

    void send(WebSocketMessage<?> message) throws IOException {
        var session = replica.join();
        if (session.isOpen()) {
            session.sendMessage(message);
        }
    }

    void close(CloseStatus status) {
        close(replica.join(), status, CloseStatus.GOING_AWAY);
    }

    /** There will be no caller's side. */
    void abandon() {
        caller.cancel(false);
        close(CloseStatus.GOING_AWAY);
    }

    @Override
    public void afterConnectionEstablished(WebSocketSession session) {
        // The handshake waits for it and says so.
    }

    @Override
    public void handleMessage(WebSocketSession session, WebSocketMessage<?> message)
            throws IOException, ExecutionException, InterruptedException, TimeoutException {
        var waiting = caller.get(CALLER_SECONDS, TimeUnit.SECONDS);
        if (waiting.isOpen()) {
            waiting.sendMessage(message);
        }
    }

    @Override
    public void handleTransportError(WebSocketSession session, Throwable error) {
        log.debug("the replica's WebSocket failed: {}", error.toString());
        caller.thenAccept(session2 -> close(session2, CloseStatus.NO_CLOSE_FRAME, CloseStatus.SERVER_ERROR));
    }

    @Override
    public void afterConnectionClosed(WebSocketSession session, CloseStatus status) {
        caller.thenAccept(session2 -> close(session2, status, CloseStatus.SERVER_ERROR));
    }

    @Override
    public boolean supportsPartialMessages() {
        return true;
    }

    /** Passes a close on. 1005 and 1006 say that there was none or no code in it; they are never sent themselves. */
    static void close(WebSocketSession session, CloseStatus status, CloseStatus brokenOff) {
        try {
            if (session.isOpen()) {
                session.close(
                        switch (status.getCode()) {
                            case 1005 -> CloseStatus.NORMAL;
                            case 1006, 1015 -> brokenOff;
                            default -> status;
                        });
            }
        } catch (IOException | IllegalArgumentException | IllegalStateException gone) {
            log.debug("a WebSocket could not be closed: {}", gone.toString());
        }
    }
}
