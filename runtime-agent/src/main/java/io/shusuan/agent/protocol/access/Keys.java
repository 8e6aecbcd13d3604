package io.shusuan.agent.protocol.access;

import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.File;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * What a port proves itself with over TLS, and with {@code clients} the authorities one of which a client's certificate must come
 * from.
 */
public record Keys(Path certificate, Path key, Optional<Path> clients) {
    /** A builder for a server's context. It throws IllegalArgumentException when a file does not hold what it should. */
    public SslContextBuilder context() {
        var context = SslContextBuilder.forServer(file(certificate), file(key));
        clients.ifPresent(authorities -> context.trustManager(file(authorities)).clientAuth(ClientAuth.REQUIRE));
        return context;
    }

    /** The same for HTTP/2, which both sides have to agree on. */
    public SslContext http2Context() throws SSLException {
        return context()
                .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        ApplicationProtocolNames.HTTP_2))
                .build();
    }

    private static File file(Path path) {
        return path.toFile();
    }
}
