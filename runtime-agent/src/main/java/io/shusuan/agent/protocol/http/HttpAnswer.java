package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** What goes back to the caller. It owns its body until it is written or {@linkplain #release() released}. */
public record HttpAnswer(HttpResponseStatus status, String contentType, Map<String, String> headers, ByteBuf body) {
    public static final String JSON = "application/json";
    public static final String TEXT = "text/plain";
    public static final String BINARY = "application/octet-stream";

    public HttpAnswer {
        headers = Map.copyOf(headers);
    }

    public static HttpAnswer empty(HttpResponseStatus status, String contentType) {
        return new HttpAnswer(status, contentType, Map.of(), Unpooled.EMPTY_BUFFER);
    }

    public static HttpAnswer json(ByteBuf body) {
        return new HttpAnswer(HttpResponseStatus.OK, JSON, Map.of(), body);
    }

    public static HttpAnswer text(String contentType, String text) {
        return new HttpAnswer(
                HttpResponseStatus.OK,
                contentType,
                Map.of(),
                Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** An error as the protocol writes it: {@code {"error":"…"}}. */
    public static HttpAnswer error(HttpResponseStatus status, String contentType, String message) {
        return new HttpAnswer(
                status, contentType, Map.of(), Json.document(json -> json.writeStringProperty("error", message)));
    }

    HttpAnswer with(String header, String value) {
        var all = new HashMap<>(headers);
        all.put(header, value);
        return new HttpAnswer(status, contentType, all, body);
    }

    void release() {
        body.release();
    }

    @Override
    public String toString() {
        return status + " " + contentType + " "
                + ByteBufUtil.prettyHexDump(body, 0, Math.min(64, body.readableBytes()));
    }
}
