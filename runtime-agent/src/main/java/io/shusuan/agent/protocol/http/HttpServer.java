package io.shusuan.agent.protocol.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.shusuan.agent.protocol.BodyBudget;
import io.shusuan.agent.protocol.LimitedServerChannel;
import io.shusuan.agent.protocol.Limits;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A listening port and its connections. */
public final class HttpServer {
    private static final int BACKLOG = 1024;
    private static final int MAX_HEADER_BYTES = 64 << 10;

    /** What is read at once of a large body, and handed on as one piece. */
    private static final int MAX_PIECE_BYTES = 512 << 10;

    private final Channel listening;
    private final ChannelGroup connections;

    private HttpServer(Channel listening, ChannelGroup connections) {
        this.listening = listening;
        this.connections = connections;
    }

    /**
     * Listens on an address; port 0 takes a free one. A port that is taken throws what Netty throws for it.
     */
    public static HttpServer bind(
            EventLoopGroup loops,
            InetSocketAddress address,
            HttpService service,
            Limits limits,
            Optional<SslContext> tls)
            throws InterruptedException {
        var connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
        var budget = new BodyBudget(limits.allBodyBytes());
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
                        var guard = new StallGuard(limits.patience());
                        channel.pipeline()
                                .addLast(guard)
                                .addLast(new HttpServerCodec(new HttpDecoderConfig()
                                        .setMaxHeaderSize(MAX_HEADER_BYTES)
                                        .setMaxChunkSize(MAX_PIECE_BYTES)))
                                .addLast(new HttpConnection(service, limits.bodyBytes(), budget, guard));
                    }
                });
        return new HttpServer(bootstrap.bind(address).sync().channel(), connections);
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    /** Takes no new connection from now on. */
    public void stopAccepting() throws InterruptedException {
        listening.close().sync();
    }

    /** Lets the connections there are finish; true when all did before the deadline. */
    public boolean drain(Duration deadline) throws InterruptedException {
        stopAccepting();
        for (var channel : connections) {
            var connection = channel.pipeline().get(HttpConnection.class);
            if (connection != null) {
                channel.eventLoop().execute(() -> connection.drain(channel));
            }
        }
        boolean finished = connections.newCloseFuture().await(deadline.toMillis(), TimeUnit.MILLISECONDS);
        connections.close().sync();
        return finished;
    }
}
