package io.shusuan.api.serving;

import jakarta.servlet.ServletConnection;
import java.io.IOException;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * The container's connections to callers. A thread that reads a request from one that sends nothing can be told to give up
 * only from here: neither an interrupt nor the servlet API reaches it.
 */
@Component
class CallerConnections implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

    private volatile @Nullable Protocol protocol;

    @Override
    public void customize(TomcatServletWebServerFactory tomcat) {
        tomcat.setProtocol(Protocol.class.getName());
        tomcat.addConnectorCustomizers(connector -> protocol = (Protocol) connector.getProtocolHandler());
    }

    /** Whoever reads from the caller finds that nothing more comes; the caller can still be written to. */
    void hearNoMoreOf(ServletConnection caller) {
        var used = protocol;
        if (used != null) {
            used.endInput(caller.getConnectionId());
        }
    }

    /** Made by the container, by its name. */
    public static final class Protocol extends Http11NioProtocol {

        private void endInput(String id) {
            for (var connection : getEndpoint().getConnections()) {
                if (idOf(connection).equals(id)) {
                    endInput(connection);
                }
            }
        }

        private String idOf(SocketWrapperBase<NioChannel> connection) {
            return connection.getServletConnection("http/1.1", "").getConnectionId();
        }

        private static void endInput(SocketWrapperBase<NioChannel> connection) {
            var channel = connection.getSocket().getIOChannel();
            try {
                if (channel != null) {
                    channel.shutdownInput();
                }
            } catch (IOException alreadyGone) {
                // Which is what was wanted.
            }
        }
    }
}
