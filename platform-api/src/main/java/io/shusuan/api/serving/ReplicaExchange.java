package io.shusuan.api.serving;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Objects;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.springframework.cloud.gateway.server.mvc.handler.GatewayServerResponse;
import org.springframework.cloud.gateway.server.mvc.handler.ProxyExchange;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Passes one request on and its answer back, byte by byte as they come: nothing is held, nothing unpacked. When either
 * side goes away the connection to the other is cut, so that neither takes half of something for the whole.
 */
final class ReplicaExchange implements ProxyExchange {

    private static final int BUFFER = 16 << 10;

    private final HttpClient client;

    ReplicaExchange(HttpClient client) {
        this.client = client;
    }

    /** Throws UncheckedIOException with what the client said if there is no answer. */
    @Override
    public ServerResponse exchange(Request request) {
        var uri = Objects.requireNonNull(request.getUri());
        var passed = new HttpUriRequestBase(request.getMethod().name(), uri);
        request.getHeaders().forEach((name, values) -> values.forEach(value -> passed.addHeader(name, value)));
        try {
            passed.setEntity(body(request.getServerRequest().servletRequest()));
            var answer = client.executeOpen(target(uri), passed, null);
            return GatewayServerResponse.status(answer.getCode())
                    .headers(headers -> PassedHeaders.fromReplica(answer, headers))
                    .build((servletRequest, servletResponse) -> {
                        copy(answer, servletResponse, passed);
                        return null;
                    });
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static HttpHost target(URI uri) {
        return new HttpHost(uri.getScheme(), uri.getHost(), uri.getPort());
    }

    private static @org.jspecify.annotations.Nullable HttpEntity body(HttpServletRequest request) throws IOException {
        var length = request.getContentLengthLong();
        var isChunked = length < 0 && request.getHeader("Transfer-Encoding") != null;
        return length > 0 || isChunked ? new InputStreamEntity(request.getInputStream(), length, null) : null;
    }

    private static void copy(ClassicHttpResponse answer, HttpServletResponse response, HttpUriRequestBase passed)
            throws IOException {
        var whole = false;
        try {
            var entity = answer.getEntity();
            if (entity != null) {
                copy(entity, response);
            }
            whole = true;
        } finally {
            if (!whole) {
                passed.cancel();
            }
            answer.close();
        }
    }

    /** Sends on at once what is not followed by more at once: so events and tokens arrive when they are made. */
    private static void copy(HttpEntity entity, HttpServletResponse response) throws IOException {
        var in = entity.getContent();
        var out = response.getOutputStream();
        var buffer = new byte[BUFFER];
        var left = entity.getContentLength() < 0 ? Long.MAX_VALUE : entity.getContentLength();
        while (true) {
            var count = read(in, buffer);
            if (count < 0) {
                return;
            }
            left -= count;
            out.write(buffer, 0, count);
            if (left > 0 && in.available() == 0) {
                out.flush();
            }
        }
    }

    private static int read(java.io.InputStream in, byte[] buffer) throws BrokenAnswerException {
        try {
            return in.read(buffer);
        } catch (IOException broken) {
            throw new BrokenAnswerException(broken);
        }
    }

    /** The replica went away in the middle of its answer. */
    static final class BrokenAnswerException extends IOException {

        private static final long serialVersionUID = 1;

        BrokenAnswerException(IOException cause) {
            super("the replica broke off its answer", cause);
        }
    }
}
