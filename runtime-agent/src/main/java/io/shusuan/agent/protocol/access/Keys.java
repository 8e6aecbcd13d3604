package io.shusuan.agent.protocol.access;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.File;
import java.nio.file.Path;
import java.util.Optional;

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

    private static File file(Path path) {
        return path.toFile();
    }
}
