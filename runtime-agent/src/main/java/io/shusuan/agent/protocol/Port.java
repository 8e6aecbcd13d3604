package io.shusuan.agent.protocol;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.shusuan.agent.protocol.access.Keys;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** A listening port, its connections, and how both end. */
public final class Port {
    private static final int BACKLOG = 1024;

    private final Channel listening;
    private final ChannelGroup connections;
    private final Protocol protocol;

    private Port(Channel listening, ChannelGroup connections, Protocol protocol) {
        this.listening = listening;
        this.connections = connections;
        this.protocol = protocol;
    }

    /** What is spoken on the connections of a port. */
    public interface Protocol {
        /** What a server needs to speak this protocol over TLS. */
        SslContext tls(Keys keys) throws SSLException;

        /** Puts what speaks it at the end of a new connection's pipeline. */
        void speakOn(Channel connection);

        /** Has a connection take no new request and close when it has answered those it has, or after the deadline. */
        void finish(Channel connection, Duration deadline);
    }

    /**
     * Listens on an address; port 0 takes a free one. A port that is taken throws what Netty throws for it, and keys that are none
     * IllegalArgumentException.
     */
    public static Port open(
            IoEventLoopGroup loops,
            InetSocketAddress address,
            int mostConnections,
            Optional<Keys> keys,
            Protocol protocol)
            throws InterruptedException, SSLException {
        var tls = keys.isPresent() ? Optional.of(protocol.tls(keys.get())) : Optional.<SslContext>empty();
        var connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
        var bootstrap = new ServerBootstrap()
                .group(loops)
                .channelFactory(
                        loops.isIoType(EpollIoHandler.class)
                                ? EpollServerSocketChannel::new
                                : NioServerSocketChannel::new)
                .handler(new ConnectionLimit(mostConnections))
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new AdaptiveRecvByteBufAllocator(512, 4096, ReadInPlace.MAX_PIECE_BYTES))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connections.add(channel);
                        tls.ifPresent(context -> channel.pipeline().addLast(context.newHandler(channel.alloc())));
                        protocol.speakOn(channel);
                    }
                });
        return new Port(bootstrap.bind(address).sync().channel(), connections, protocol);
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    /** Takes no new connection and no new request from now on. */
    public void finish(Duration deadline) throws InterruptedException {
        listening.close().sync();
        for (var channel : connections) {
            channel.eventLoop().execute(() -> protocol.finish(channel, deadline));
        }
    }

    /** Waits for the connections to finish, and cuts those that have not; true when all had before the deadline. */
    public boolean close(Duration deadline) throws InterruptedException {
        boolean finished = connections.newCloseFuture().await(deadline.toMillis(), TimeUnit.MILLISECONDS);
        if (!finished) {
            for (var channel : connections) {
                // below the handlers, one of which might go on waiting
                channel.eventLoop().execute(() -> channel.unsafe().close(channel.voidPromise()));
            }
        }
        return finished;
    }
}
