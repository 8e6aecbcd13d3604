package io.shusuan.api.serving;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.server.support.DefaultHandshakeHandler;
import org.springframework.web.socket.server.support.WebSocketHandlerMapping;
import org.springframework.web.socket.server.support.WebSocketHttpRequestHandler;

/** WebSockets to inference jobs: requests below {@code /serve} that ask for the upgrade; all others go the way of HTTP. */
@Configuration(proxyBeanMethods = false)
class WebSocketRoutes {

    @Bean
    WebSocketHandlerMapping servingSockets(ReplicaChoice choice) {
        var mapping = new WebSocketHandlerMapping();
        mapping.setWebSocketUpgradeMatch(true);
        mapping.setOrder(Ordered.HIGHEST_PRECEDENCE);
        mapping.setUrlMap(
                Map.of("/serve/**", new WebSocketHttpRequestHandler(new WebSocketBridge(choice), new Handshake())));
        return mapping;
    }

    /** Takes the first subprotocol the client offers; the replica is then asked for just that one. */
    private static final class Handshake extends DefaultHandshakeHandler {
        @Override
        protected @Nullable String selectProtocol(List<String> requested, WebSocketHandler handler) {
            return requested.isEmpty() ? null : requested.getFirst();
        }
    }
}
