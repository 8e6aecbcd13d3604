package io.shusuan.agent.protocol.http;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;

/** A decoder that tells whether it holds the beginning of something: what came behind a whole request may be half of the next one's head. */
final class RequestDecoder extends HttpRequestDecoder {
    RequestDecoder(HttpDecoderConfig config) {
        super(config);
    }

    boolean holdsBytes() {
        return actualReadableBytes() > 0;
    }
}
