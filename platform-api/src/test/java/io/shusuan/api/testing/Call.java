package io.shusuan.api.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.function.Supplier;

/** One request in the making. */
public final class Call {

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final HttpRequest.Builder request;
    private final String method;
    private HttpRequest.BodyPublisher body = BodyPublishers.noBody();

    public Call(String method, URI address) {
        this.method = method;
        this.request = HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(30));
    }

    public Call with(String header, String value) {
        request.header(header, value);
        return this;
    }

    public Call as(String token) {
        return with("Authorization", "Bearer " + token);
    }

    public Call body(String type, String text) {
        body = BodyPublishers.ofString(text);
        return with("Content-Type", type);
    }

    public Call json(String text) {
        return body("application/json", text);
    }

    public Call bytes(byte[] bytes) {
        body = BodyPublishers.ofByteArray(bytes);
        return this;
    }

    /** Of a length that the request does not tell. */
    public Call chunked(Supplier<InputStream> stream) {
        body = BodyPublishers.ofInputStream(stream);
        return this;
    }

    public Answer send() {
        var answer = send(BodyHandlers.ofByteArray());
        return new Answer(answer.statusCode(), answer.headers(), answer.body());
    }

    /** Returns when the head has come. */
    public HttpResponse<InputStream> open() {
        return send(BodyHandlers.ofInputStream());
    }

    public <T> HttpResponse<T> send(HttpResponse.BodyHandler<T> handler) {
        try {
            return CLIENT.send(request.method(method, body).build(), handler);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
