package io.shusuan.api.serving;

import io.shusuan.api.serving.Upload.BrokenRequestException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Objects;
import org.apache.coyote.CloseNowException;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.server.mvc.handler.GatewayServerResponse;
import org.springframework.cloud.gateway.server.mvc.handler.ProxyExchange;
import org.springframework.http.HttpHeaders;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Passes one request on and its answer back, byte by byte as they come: nothing is held, nothing unpacked, and
 * the answer does not wait for the request's end. When either side goes away the connection to the other is cut, so that
 * neither takes half of something for the whole.
 */
final class ReplicaExchange implements ProxyExchange {

    private static final Logger log = LoggerFactory.getLogger(ReplicaExchange.class);

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
            var body = body(request.getServerRequest().servletRequest());
            passed.setEntity(body);
            var context = HttpClientContext.create();
            context.setAttribute(Upload.ATTRIBUTE, body);
            var answer = client.executeOpen(target(uri), passed, context);
            return GatewayServerResponse.status(answer.getCode())
                    .headers(headers -> {
                        PassedHeaders.fromReplica(answer, headers);
                        // The container closes the request with the last byte of an answer whose length it knows.
                        if (body instanceof Upload upload && upload.isUnderWay()) {
                            headers.remove(HttpHeaders.CONTENT_LENGTH);
                        }
                    })
                    .build((servletRequest, servletResponse) -> {
                        copy(answer, servletResponse, passed, servletRequest);
                        return null;
                    });
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static HttpHost target(URI uri) {
        return new HttpHost(uri.getScheme(), uri.getHost(), uri.getPort());
    }

    /** The same for each replica that is asked. */
    private static @Nullable HttpEntity body(HttpServletRequest request) throws IOException {
        var length = request.getContentLengthLong();
        var isChunked = length < 0 && request.getHeader("Transfer-Encoding") != null;
        if (length <= 0 && !isChunked) {
            return null;
        }
        if (request.getAttribute(Upload.ATTRIBUTE) instanceof HttpEntity begun) {
            return begun;
        }
        var body = isChunked || length > BUFFER
                ? new Upload(request.getInputStream(), length)
                : new ByteArrayEntity(whole(request.getInputStream(), (int) length), null);
        request.setAttribute(Upload.ATTRIBUTE, body);
        return body;
    }

    /** Small bodies come and go in one piece: they need no second thread, and a slow caller keeps no connection waiting. */
    private static byte[] whole(InputStream in, int length) throws BrokenRequestException {
        try {
            var body = in.readNBytes(length);
            if (body.length < length) {
                throw new EOFException();
            }
            return body;
        } catch (IOException brokeOff) {
            throw new BrokenRequestException(brokeOff);
        }
    }

    private static void copy(
            ClassicHttpResponse answer,
            HttpServletResponse response,
            HttpUriRequestBase passed,
            HttpServletRequest request)
            throws IOException {
        var whole = false;
        try {
            var entity = answer.getEntity();
            if (entity != null) {
                // Who has more to send may wait for the head of the answer to do so.
                if (request.getAttribute(Upload.ATTRIBUTE) instanceof Upload upload && upload.isUnderWay()) {
                    response.flushBuffer();
                }
                copy(entity, response);
            }
            answer.close();
            whole = true;
        } catch (CloseNowException broken) {
            log.info(
                    "{} {}: {}, {}",
                    passed.getMethod(),
                    passed.getPath(),
                    broken.getMessage(),
                    String.valueOf(broken.getCause()));
            throw broken;
        } finally {
            if (!whole) {
                passed.cancel();
            }
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

    private static int read(InputStream in, byte[] buffer) throws IOException {
        try {
            return in.read(buffer);
        } catch (BrokenRequestException gone) {
            throw gone;
        } catch (IOException broken) {
            throw new BrokenAnswerException(broken);
        }
    }

    /** The replica went away in the middle of its answer. The container hears of it, and cuts the caller's connection. */
    static final class BrokenAnswerException extends CloseNowException {

        private static final long serialVersionUID = 1;

        BrokenAnswerException(IOException cause) {
            super("the replica broke off its answer", cause);
        }
    }
}
