package io.shusuan.agent.protocol.grpc;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The gRPC port. Handlers run on the network's own threads: none of them waits. */
public final class GrpcServer {
    private final Server server;

    private GrpcServer(Server server) {
        this.server = server;
    }

    /** Listens on an address; port 0 takes a free one. */
    public static GrpcServer bind(
            EventLoopGroup loops,
            Class<? extends ServerChannel> channelType,
            InetSocketAddress address,
            List<BindableService> services,
            int maxMessageBytes)
            throws IOException {
        var builder = NettyServerBuilder.forAddress(address)
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .channelType(channelType)
                .directExecutor()
                .maxInboundMessageSize(maxMessageBytes);
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
