package io.shusuan.api.request;

import java.io.IOException;

/** A body goes on beyond what is read. */
public final class BodyTooLargeException extends IOException {

    private static final long serialVersionUID = 1;

    BodyTooLargeException(int bound) {
        super("the body has more than %d bytes, which is all that is read here".formatted(bound));
    }
}
