package io.shusuan.agent.protocol.grpc;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslProvider;
import io.shusuan.agent.protocol.LimitedServerChannel;
import io.shusuan.agent.protocol.access.Access;
import io.shusuan.agent.protocol.access.Keys;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The gRPC port. Handlers run on the network's own threads: none of them waits. */
public final class GrpcServer {
    /** Calls that one connection may have open; further ones wait at the client. */
    private static final int MAX_CALLS = 1024;

    private final Server server;

    private GrpcServer(Server server) {
        this.server = server;
    }

    /** Listens on an address; port 0 takes a free one. */
    public static GrpcServer bind(
            EventLoopGroup loops,
            InetSocketAddress address,
            List<BindableService> services,
            Access access,
            Optional<Keys> keys,
            int maxConnections,
            int maxMessageBytes,
            long allMessageBytes)
            throws IOException {
        var builder = NettyServerBuilder.forAddress(address)
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .channelFactory(() -> new LimitedServerChannel(maxConnections))
                .directExecutor()
                .intercept(new AccessCheck(access))
                .addStreamTracerFactory(new InboundBudget(allMessageBytes))
                .maxConcurrentCallsPerConnection(MAX_CALLS)
                .maxInboundMessageSize(maxMessageBytes);
        if (keys.isPresent()) {
            builder.sslContext(GrpcSslContexts.configure(keys.get().context(), SslProvider.JDK)
                    .build());
        }
        services.forEach(builder::addService);
        return new GrpcServer(builder.build().start());
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) server.getListenSockets().getFirst();
    }

    /** Takes no new call and lets those there are finish; true when all did before the deadline. */
    public boolean drain(Duration deadline) throws InterruptedException {
        server.shutdown();
        if (server.awaitTermination(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
            return true;
        }
        server.shutdownNow();
        return false;
    }
}
