package io.shusuan.agent.scheduling;

import io.shusuan.agent.scheduling.cache.ResponseCache;
import java.time.InstantSource;
import java.util.Optional;

/**
 * What every scheduler of this process is told: how many requests may wait for one model version, the bytes that all of them may
 * occupy together, and, for tests, until how many requests wait nothing leaves the queue ({@code TRITONSERVER_DELAY_SCHEDULER}) or the
 * backlog of sequences ({@code TRITONSERVER_BACKLOG_DELAY_SCHEDULER}). A limiter and a cache are there when the command line asks for
 * them.
 */
public record SchedulerSettings(
        int maxRequests,
        QueuedBytes bytes,
        int holdRequests,
        int holdBacklog,
        Optional<RateLimiter> limiter,
        Optional<ResponseCache> cache,
        InstantSource clock) {
    public SchedulerSettings {
        if (maxRequests < 1) {
            throw new IllegalArgumentException("a queue must have room for one request, not " + maxRequests);
        }
    }
}
