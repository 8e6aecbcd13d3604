package io.shusuan.agent.protocol.http;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.ssl.SslContext;
import io.shusuan.agent.protocol.BodyBudget;
import io.shusuan.agent.protocol.Limits;
import io.shusuan.agent.protocol.Port;
import io.shusuan.agent.protocol.ReadInPlace;
import io.shusuan.agent.protocol.access.Keys;
import java.time.Duration;
import javax.net.ssl.SSLException;

/** HTTP/1.1 on the connections of a port. */
public final class HttpProtocol implements Port.Protocol {
    private static final int MAX_HEADER_BYTES = 64 << 10;

    private final HttpService service;
    private final Limits limits;
    private final BodyBudget budget;

    public HttpProtocol(HttpService service, Limits limits) {
        this.service = service;
        this.limits = limits;
        this.budget = new BodyBudget(limits.allBodyBytes());
    }

    @Override
    public SslContext tls(Keys keys) throws SSLException {
        return keys.context().build();
    }

    @Override
    public void speakOn(Channel connection) {
        var decoder = new RequestDecoder(new HttpDecoderConfig()
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                .setMaxChunkSize(ReadInPlace.MAX_PIECE_BYTES));
        var guard = new StallGuard(limits, decoder);
        var speaking = new HttpConnection(service, limits.bodyBytes(), budget, guard);
        connection
                .pipeline()
                .addLast(guard)
                .addLast(decoder)
                .addLast(new HttpResponseEncoder())
                .addLast(speaking);
        ReadInPlace.on(connection, speaking::place);
    }

    @Override
    public void finish(Channel connection, Duration deadline) {
        var speaking = connection.pipeline().get(HttpConnection.class);
        if (speaking != null) {
            speaking.drain(connection);
        }
    }
}
