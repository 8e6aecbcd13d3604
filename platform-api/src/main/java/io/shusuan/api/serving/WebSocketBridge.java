package io.shusuan.api.serving;

import io.shusuan.api.problem.ProblemException;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.WebSocketHttpHeaders;
import org.springframework.web.socket.WebSocketMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.client.standard.StandardWebSocketClient;

/** Joins a client's WebSocket to one of its own to a replica. Whatever one side says or how it ends, the other hears. */
final class WebSocketBridge implements WebSocketHandler {

    private static final Logger log = LoggerFactory.getLogger(WebSocketBridge.class);
    private static final String REPLICA = WebSocketBridge.class.getName() + ".replica";
    private static final int CONNECT_SECONDS = 5;

    private final StandardWebSocketClient connector = new StandardWebSocketClient();
    private final ReplicaChoice choice;

    WebSocketBridge(ReplicaChoice choice) {
        this.choice = choice;
    }

    @Override
    public void afterConnectionEstablished(WebSocketSession client) throws IOException, InterruptedException {
        try {
            var uri = Objects.requireNonNull(client.getUri());
            var path = ServePath.of(uri.getRawPath());
            var replica = choice.choose(path.job());
            var headers = new WebSocketHttpHeaders();
            if (client.getAcceptedProtocol() != null
                    && !client.getAcceptedProtocol().isEmpty()) {
                headers.setSecWebSocketProtocol(client.getAcceptedProtocol());
            }
            var session = connector
                    .execute(
                            new Answers(client),
                            headers,
                            path.at("ws", replica.host(), replica.port(), uri.getRawQuery()))
                    .get(CONNECT_SECONDS, TimeUnit.SECONDS);
            client.getAttributes().put(REPLICA, session);
        } catch (ProblemException nowhere) {
            client.close(CloseStatus.SERVICE_RESTARTED.withReason(shortened(nowhere.getMessage())));
        } catch (ExecutionException | TimeoutException refused) {
            log.info("no WebSocket at {}: {}", client.getUri(), refused.toString());
            client.close(CloseStatus.SERVER_ERROR.withReason("the replica did not accept the WebSocket"));
        }
    }

    @Override
    public void handleMessage(WebSocketSession client, WebSocketMessage<?> message) throws IOException {
        var replica = replicaOf(client);
        if (replica != null && replica.isOpen()) {
            replica.sendMessage(message);
        }
    }

    @Override
    public void handleTransportError(WebSocketSession client, Throwable error) throws IOException {
        close(replicaOf(client), CloseStatus.GOING_AWAY);
    }

    @Override
    public void afterConnectionClosed(WebSocketSession client, CloseStatus status) throws IOException {
        close(replicaOf(client), status);
    }

    @Override
    public boolean supportsPartialMessages() {
        return true;
    }

    private static @Nullable WebSocketSession replicaOf(WebSocketSession client) {
        return (WebSocketSession) client.getAttributes().get(REPLICA);
    }

    private static void close(@Nullable WebSocketSession session, CloseStatus status) throws IOException {
        if (session != null && session.isOpen()) {
            // 1005 and 1006 say that no close frame came; they must not be sent in one.
            session.close(status.getCode() == 1005 || status.getCode() == 1006 ? CloseStatus.GOING_AWAY : status);
        }
    }

    private static String shortened(@Nullable String reason) {
        var text = Objects.requireNonNullElse(reason, "");
        return text.length() > 120 ? text.substring(0, 120) : text;
    }

    /** The replica's side: everything goes to the client. */
    private record Answers(WebSocketSession client) implements WebSocketHandler {

        @Override
        public void afterConnectionEstablished(WebSocketSession replica) {
            // The client was connected first.
        }

        @Override
        public void handleMessage(WebSocketSession replica, WebSocketMessage<?> message) throws IOException {
            if (client.isOpen()) {
                client.sendMessage(message);
            }
        }

        @Override
        public void handleTransportError(WebSocketSession replica, Throwable error) throws IOException {
            close(client, CloseStatus.SERVER_ERROR);
        }

        @Override
        public void afterConnectionClosed(WebSocketSession replica, CloseStatus status) throws IOException {
            close(client, status);
        }

        @Override
        public boolean supportsPartialMessages() {
            return true;
        }
    }
}
