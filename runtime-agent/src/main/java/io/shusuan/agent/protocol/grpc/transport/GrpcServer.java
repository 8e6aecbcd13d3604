package io.shusuan.agent.protocol.grpc.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.shusuan.agent.protocol.BodyBudget;
import io.shusuan.agent.protocol.LimitedServerChannel;
import io.shusuan.agent.protocol.Limits;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The gRPC port and its connections. */
public final class GrpcServer {
    private static final int BACKLOG = 1024;

    /** What is read at once of a large message. */
    private static final int MAX_PIECE_BYTES = 512 << 10;

    private final Channel listening;
    private final ChannelGroup connections;

    private GrpcServer(Channel listening, ChannelGroup connections) {
        this.listening = listening;
        this.connections = connections;
    }

    /**
     * Listens on an address; port 0 takes a free one. A port that is taken throws what Netty throws for it.
     *
     * @param routes what answers, by a method's path
     */
    public static GrpcServer bind(
            EventLoopGroup loops,
            InetSocketAddress address,
            Map<String, Route> routes,
            Limits limits,
            Optional<SslContext> tls)
            throws InterruptedException {
        var connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
        var budget = new BodyBudget(limits.allBodyBytes());
        var known = Map.copyOf(routes);
        var bootstrap = new ServerBootstrap()
                .group(loops)
                .channelFactory(() -> new LimitedServerChannel(limits.connections()))
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator(512, 4096, MAX_PIECE_BYTES))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connections.add(channel);
                        tls.ifPresent(context -> channel.pipeline().addLast(context.newHandler(channel.alloc())));
                        channel.pipeline().addLast(Connection.of(known, limits, budget));
                    }
                });
        return new GrpcServer(bootstrap.bind(address).sync().channel(), connections);
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    /** Takes no new call and lets those there are finish; true when all did before the deadline. */
    public boolean drain(Duration deadline) throws InterruptedException {
        listening.close().sync();
        for (var channel : connections) {
            var connection = channel.pipeline().get(Connection.class);
            if (connection != null) {
                connection.gracefulShutdownTimeoutMillis(deadline.toMillis());
            }
        }
        var _ = connections.close();
        boolean finished = connections.newCloseFuture().await(deadline.toMillis(), TimeUnit.MILLISECONDS);
        if (!finished) {
            for (var channel : connections) {
                channel.eventLoop().execute(() -> channel.unsafe().closeForcibly());
            }
        }
        return finished;
    }
}
