package io.shusuan.agent.protocol;

import java.time.Duration;

/**
 * What one port takes: bytes of a body, connections at a time, bytes of all bodies together, and how long a client may stall.
 */
public record Limits(int bodyBytes, int connections, long allBodyBytes, Duration patience) {}
