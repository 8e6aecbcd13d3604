package io.shusuan.api.serving;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.WebSocketHttpHeaders;
import org.springframework.web.socket.client.standard.StandardWebSocketClient;
import org.springframework.web.socket.server.HandshakeFailureException;
import org.springframework.web.socket.server.HandshakeHandler;
import org.springframework.web.socket.server.support.DefaultHandshakeHandler;

/**
 * Opens the WebSocket to the replica before it answers the caller: so a replica that is not there is a problem with a
 * status, and the subprotocol is the one that the replica has chosen.
 */
final class ReplicaHandshake implements HandshakeHandler {

    private static final Logger log = LoggerFactory.getLogger(ReplicaHandshake.class);
    private static final int CONNECT_SECONDS = 5;

    private final StandardWebSocketClient connector = new StandardWebSocketClient();
    private final ReplicaChoice choice;

    ReplicaHandshake(ReplicaChoice choice) {
        this.choice = choice;
    }

    @Override
    public boolean doHandshake(
            ServerHttpRequest request,
            ServerHttpResponse response,
            WebSocketHandler bridge,
            Map<String, Object> attributes)
            throws HandshakeFailureException {
        var offered = new WebSocketHttpHeaders(request.getHeaders()).getSecWebSocketProtocol();
        var replica = connect(request, offered);
        attributes.put(WebSocketBridge.REPLICA, replica);
        var accepted = false;
        try {
            accepted = new Chosen(replica.protocol()).doHandshake(request, response, bridge, attributes);
            return accepted;
        } finally {
            if (!accepted) {
                replica.abandon();
            }
        }
    }

    private ReplicaSocket connect(ServerHttpRequest request, List<String> offered) {
        var servlet = ((ServletServerHttpRequest) request).getServletRequest();
        var path = ServePath.of(servlet.getRequestURI(), servlet.getQueryString());
        var user = request.getPrincipal();
        var headers =
                new WebSocketHttpHeaders(PassedHeaders.toReplica(servlet, path, user == null ? null : user.getName()));
        // Those of this connection; the client makes its own.
        headers.headerNames().stream()
                .filter(name -> name.regionMatches(true, 0, "Sec-WebSocket-", 0, 14))
                .toList()
                .forEach(headers::remove);
        headers.setSecWebSocketProtocol(offered);
        var replica = choice.choose(path.job()).getFirst();
        var socket = new ReplicaSocket();
        try {
            socket.opened(
                    connector.execute(socket, headers, path.at("ws", replica)).get(CONNECT_SECONDS, TimeUnit.SECONDS));
            return socket;
        } catch (ExecutionException | TimeoutException refused) {
            log.info("no WebSocket to {}: {}", path.job(), refused.toString());
            throw new ProblemException(
                    ProblemKind.REPLICA_FAILED, "a replica of %s did not accept the WebSocket".formatted(path.job()));
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new ProblemException(ProblemKind.REPLICA_FAILED, "the platform is stopping");
        }
    }

    /** Answers with the subprotocol that the replica has chosen. */
    private static final class Chosen extends DefaultHandshakeHandler {

        private final @Nullable String protocol;

        Chosen(@Nullable String protocol) {
            this.protocol = protocol;
        }

        @Override
        protected @Nullable String selectProtocol(List<String> requested, WebSocketHandler handler) {
            return protocol;
        }

        @Override
        protected @Nullable Principal determineUser(
                ServerHttpRequest request, WebSocketHandler handler, Map<String, Object> attributes) {
            return Objects.requireNonNullElse(request.getPrincipal(), null);
        }
    }
}
