package io.shusuan.agent.engine.bucket;

import java.io.IOException;

/** What was packed is not what comes out. */
final class DamagedException extends IOException {
    private static final long serialVersionUID = 1;

    DamagedException(String message) {
        super(message);
    }
}
