package io.shusuan.agent.protocol.grpc.transport;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.shusuan.agent.protocol.BodyBudget;
import io.shusuan.agent.protocol.Limits;
import io.shusuan.agent.protocol.Port;
import io.shusuan.agent.protocol.ReadInPlace;
import io.shusuan.agent.protocol.access.Keys;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLException;

/** gRPC on the connections of a port. */
public final class GrpcProtocol implements Port.Protocol {
    private final Map<String, Route> routes;
    private final Limits limits;
    private final BodyBudget budget;

    /** @param routes what answers, by a method's path */
    public GrpcProtocol(Map<String, Route> routes, Limits limits) {
        this.routes = Map.copyOf(routes);
        this.limits = limits;
        this.budget = new BodyBudget(limits.allBodyBytes());
    }

    @Override
    public SslContext tls(Keys keys) throws SSLException {
        return keys.http2Context();
    }

    @Override
    public void speakOn(Channel connection) {
        var speaking = Connection.of(routes, limits, budget);
        connection.pipeline().addLast(speaking);
        ReadInPlace.on(connection, speaking::place);
    }

    @Override
    public void finish(Channel connection, Duration deadline) {
        var speaking = connection.pipeline().get(Connection.class);
        if (speaking != null) {
            speaking.gracefulShutdownTimeoutMillis(deadline.toMillis());
        }
        var _ = connection.close();
    }
}
