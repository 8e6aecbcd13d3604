package io.shusuan.agent.protocol;

import java.time.Duration;

/**
 * What one port takes: bytes of a body, connections at a time, bytes of all bodies together, and how long a client may stall.
 */
public record Limits(int bodyBytes, int connections, long allBodyBytes, Duration patience) {
    private static final int SILENCE = 10;

    /** How long a client that has sent nothing may stay: browsers and proxies connect ahead of need, and nothing is kept for them. */
    public Duration silence() {
        return patience.multipliedBy(SILENCE);
    }
}
