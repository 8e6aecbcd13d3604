package io.shusuan.agent;

import java.time.Duration;

/**
 * Gives memory back to the machine once load is over. The collector only does so when it collects, and it collects when something
 * asks for memory: an agent that nobody asks anything would keep what its busiest minute needed.
 */
final class IdleMemory {

    private static final Duration INTERVAL = Duration.ofSeconds(3);

    /** So little is asked for by probes and reports between two looks. */
    private static final long QUIET_BYTES = 4L << 20;

    /** Less garbage is not worth a pause. */
    private static final long WORTHWHILE_BYTES = 16L << 20;

    private long lastUsed = used();
    private long settled = lastUsed;

    /** Until the thread is interrupted. */
    void watch() throws InterruptedException {
        while (true) {
            Thread.sleep(INTERVAL);
            look();
        }
    }

    /** Collects what load has left behind, if there was none since the last look. */
    void look() {
        var used = used();
        var quiet = used >= lastUsed && used - lastUsed < QUIET_BYTES; // less than before: the collector ran by itself
        if (quiet && used - settled > WORTHWHILE_BYTES) {
            System.gc();
            settled = used();
        }
        lastUsed = used();
    }

    private static long used() {
        var heap = Runtime.getRuntime();
        return heap.totalMemory() - heap.freeMemory();
    }
}
