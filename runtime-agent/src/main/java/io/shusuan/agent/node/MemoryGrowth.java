package io.shusuan.agent.node;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether the memory of a process only ever grows. It is looked at in periods: a program that fills its caches at the beginning stands still after
 * some of them, one that leaks has more at the end of each.
 */
final class MemoryGrowth {
    static final Duration PERIOD = Duration.ofMinutes(5);
    static final int PERIODS = 6;

    /** Less is noise, in a period and downwards. */
    static final long STEP = 16L << 20;

    private Instant since;
    private long from;
    private Instant periodSince;
    private long periodFrom;
    private long last;
    private int grown;

    MemoryGrowth(Instant now, long bytes) {
        since = now;
        from = bytes;
        periodSince = now;
        periodFrom = bytes;
        last = bytes;
    }

    void add(Instant now, long bytes) {
        boolean fell = bytes < last - STEP;
        last = bytes;
        if (fell) {
            begin(now);
            return;
        }
        if (Duration.between(periodSince, now).compareTo(PERIOD) < 0) {
            return;
        }
        if (bytes - periodFrom < STEP) {
            begin(now);
            return;
        }
        grown++;
        periodSince = now;
        periodFrom = bytes;
    }

    private void begin(Instant now) {
        since = now;
        from = last;
        periodSince = now;
        periodFrom = last;
        grown = 0;
    }

    Optional<Leak> suspected() {
        return grown < PERIODS ? Optional.empty() : Optional.of(new Leak(since, from));
    }
}
