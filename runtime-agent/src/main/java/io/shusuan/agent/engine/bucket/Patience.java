package io.shusuan.agent.engine.bucket;

import java.time.Duration;

/**
 * How long a store is waited for.
 *
 * @param connecting until it takes a connection
 * @param silence until the next byte of it
 * @param call one call, in which at most a part goes there
 * @param transfer a whole object, there or back
 */
public record Patience(Duration connecting, Duration silence, Duration call, Duration transfer) {
    /** A build takes minutes: what takes longer to fetch is sooner built. */
    public static final Patience USUAL =
            new Patience(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofMinutes(2), Duration.ofMinutes(30));
}
