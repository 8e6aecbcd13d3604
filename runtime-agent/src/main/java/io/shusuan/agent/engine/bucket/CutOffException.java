package io.shusuan.agent.engine.bucket;

import java.io.IOException;

/** The store, not this machine, broke off. */
final class CutOffException extends IOException {
    private static final long serialVersionUID = 1;

    CutOffException(String message) {
        super(message);
    }
}
