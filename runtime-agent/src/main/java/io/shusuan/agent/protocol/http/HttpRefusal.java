package io.shusuan.agent.protocol.http;

import io.netty.handler.codec.http.HttpResponseStatus;

/** A refusal that belongs to HTTP alone, or whose content type differs from the usual one. */
final class HttpRefusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient HttpResponseStatus status;
    private final String contentType;

    HttpRefusal(HttpResponseStatus status, String contentType, String message) {
        super(message, null, false, false);
        this.status = status;
        this.contentType = contentType;
    }

    HttpResponseStatus status() {
        return status;
    }

    String contentType() {
        return contentType;
    }

    String text() {
        var message = getMessage();
        return message == null ? status.reasonPhrase() : message;
    }
}
