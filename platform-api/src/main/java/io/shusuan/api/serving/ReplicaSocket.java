package io.shusuan.api.serving;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.socket.BinaryMessage;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.WebSocketMessage;
import org.springframework.web.socket.WebSocketSession;

/**
 * The replica's side of a bridge. It is open first; what the replica says in the moment before the caller's side is open
 * is kept, and a replica that says too much in it is cut off.
 */
final class ReplicaSocket implements WebSocketHandler {

    private static final Logger log = LoggerFactory.getLogger(ReplicaSocket.class);

    /** Parts of messages, of at most 8 KiB each as the container cuts them. */
    private static final int KEPT = 256;

    @GuardedBy("this")
    private final Deque<WebSocketMessage<?>> early = new ArrayDeque<>();

    @GuardedBy("this")
    private @Nullable CloseStatus ended;

    private final CompletableFuture<WebSocketSession> caller = new CompletableFuture<>();
    private final CompletableFuture<WebSocketSession> replica = new CompletableFuture<>();

    void opened(WebSocketSession session) {
        replica.complete(session);
    }

    /** The caller's side is open. */
    synchronized void join(WebSocketSession session) throws IOException {
        while (!early.isEmpty()) {
            session.sendMessage(early.removeFirst());
        }
        caller.complete(session);
        if (ended != null) {
            close(session, ended, CloseStatus.SERVER_ERROR);
        }
    }

    /** The replica's side is closed; a caller's side that is not open yet is closed as soon as it is. */
    private synchronized void ended(CloseStatus status) {
        if (!caller.isDone()) {
            ended = status;
        } else if (!caller.isCancelled()) {
            close(caller.join(), status, CloseStatus.SERVER_ERROR);
        }
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
    public void handleMessage(WebSocketSession session, WebSocketMessage<?> message) throws IOException {
        if (!isKept(session, message) && caller.join().isOpen()) {
            caller.join().sendMessage(message);
        }
    }

    private synchronized boolean isKept(WebSocketSession session, WebSocketMessage<?> message) throws IOException {
        if (caller.isDone()) {
            return caller.isCancelled();
        }
        if (early.size() == KEPT) {
            session.close(CloseStatus.SERVICE_OVERLOAD);
        } else {
            early.add(message instanceof BinaryMessage bytes ? copy(bytes) : message);
        }
        return true;
    }

    /** The container uses its buffer again. */
    private static BinaryMessage copy(BinaryMessage message) {
        var bytes = new byte[message.getPayloadLength()];
        message.getPayload().duplicate().get(bytes);
        return new BinaryMessage(bytes, message.isLast());
    }

    @Override
    public void handleTransportError(WebSocketSession session, Throwable error) {
        log.debug("the replica's WebSocket failed: {}", error.toString());
        ended(CloseStatus.NO_CLOSE_FRAME);
    }

    @Override
    public void afterConnectionClosed(WebSocketSession session, CloseStatus status) {
        ended(status);
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
