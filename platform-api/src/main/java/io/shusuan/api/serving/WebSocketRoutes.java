package io.shusuan.api.serving;

import java.util.List;
import java.util.Map;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.socket.server.support.OriginHandshakeInterceptor;
import org.springframework.web.socket.server.support.WebSocketHandlerMapping;
import org.springframework.web.socket.server.support.WebSocketHttpRequestHandler;

/** WebSockets to inference jobs: requests below {@code /serve} that ask for the upgrade; all others go the way of HTTP. */
@Configuration(proxyBeanMethods = false)
class WebSocketRoutes {

    @Bean
    WebSocketHandlerMapping servingSockets(ReplicaChoice choice) {
        var handshake = new ReplicaHandshake(choice);
        var handler = new WebSocketHttpRequestHandler(new WebSocketBridge(), handshake);
        // Browsers send their cookie with a WebSocket whatever page opens it, so only our own pages may.
        handler.setHandshakeInterceptors(List.of(new OriginHandshakeInterceptor()));
        var mapping = new WebSocketHandlerMapping();
        mapping.setWebSocketUpgradeMatch(true);
        mapping.setOrder(Ordered.HIGHEST_PRECEDENCE);
        mapping.setUrlMap(Map.of("/serve/**", handler));
        return mapping;
    }
}
