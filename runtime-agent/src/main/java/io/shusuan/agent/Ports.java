package io.shusuan.agent;

import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.shusuan.agent.Options.Listen;
import io.shusuan.agent.protocol.Port;
import io.shusuan.agent.protocol.access.Keys;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The ports of an agent, which share their threads and end together. */
final class Ports {
    private static final Logger logger = System.getLogger(Ports.class.getName());

    private final IoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(
            Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 16),
            new DefaultThreadFactory("network", true),
            system());
    private final List<Port> open = new ArrayList<>();
    private final int mostConnections;

    /** @param mostConnections of one port */
    Ports(int mostConnections) {
        this.mostConnections = mostConnections;
    }

    /** Linux itself tells what has arrived sooner than the JDK's selectors, which serve where its library is not there. */
    private static IoHandlerFactory system() {
        if (Epoll.isAvailable()) {
            return EpollIoHandler.newFactory();
        }
        logger.log(
                Level.INFO,
                "the network goes through the JDK, as epoll cannot be used: {0}",
                Epoll.unavailabilityCause());
        return NioIoHandler.newFactory();
    }

    /** @throws StartException when nobody can listen where this agent is to */
    void requireFree(Listen listen, String what) throws StartException {
        if (!listen.allowed()) {
            return;
        }
        try (var tried = new ServerSocket()) {
            tried.setReuseAddress(true);
            tried.bind(address(listen));
        } catch (IOException taken) {
            throw refused(listen, what, taken);
        }
    }

    private static InetSocketAddress address(Listen listen) throws StartException {
        var address = new InetSocketAddress(listen.address(), listen.port());
        if (address.isUnresolved()) {
            throw new StartException("the address " + listen.address() + " is not one of this machine's");
        }
        return address;
    }

    private static StartException refused(Listen listen, String what, Exception why) {
        return new StartException("cannot serve " + what + " on " + listen.address() + ":" + listen.port() + " ("
                + why.getMessage() + "); choose another port with " + listen.flag());
    }

    /** @throws StartException when the port is taken, or the address or the keys are none */
    InetSocketAddress open(Listen listen, String what, Optional<Keys> keys, Port.Protocol protocol)
            throws StartException, InterruptedException {
        try {
            var port = Port.open(loops, address(listen), mostConnections, keys, protocol);
            open.add(port);
            logger.log(Level.INFO, "{0} listens on {1}", what, text(port.address()));
            return port.address();
        } catch (InterruptedException | StartException told) {
            throw told;
        } catch (Exception failed) {
            throw refused(listen, what, failed);
        }
    }

    /** No request is taken from now on; true when all that were taken had been answered before the deadline. */
    boolean finish(Duration deadline) throws InterruptedException {
        long end = System.nanoTime() + deadline.toNanos();
        for (var port : open) {
            port.finish(deadline);
        }
        boolean finished = true;
        for (var port : open) {
            finished &= port.close(Agent.left(end));
        }
        return finished;
    }

    /** Ends the threads, once nobody has anything left to say. */
    void close() throws InterruptedException {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }

    static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    /** Where another machine finds a port of this one. */
    static String reachable(InetSocketAddress address) {
        if (!address.getAddress().isAnyLocalAddress()) {
            return text(address);
        }
        try {
            return InetAddress.getLocalHost().getHostAddress() + ":" + address.getPort();
        } catch (UnknownHostException nameless) {
            return text(address);
        }
    }
}
