package io.shusuan.agent.scheduling;

/** How much may wait for one model version before further requests are refused. */
public record QueueLimits(int requests, long bytes) {
    public QueueLimits {
        if (requests < 1 || bytes < 1) {
            throw new IllegalArgumentException("a queue must have room for one request: " + requests + ", " + bytes);
        }
    }
}
