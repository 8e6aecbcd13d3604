package io.shusuan.agent.scheduling;

import java.util.concurrent.atomic.AtomicLong;

/** The bytes that waiting requests of all models occupy, bounded. One request always fits when nothing else waits. */
public final class QueuedBytes {
    private final long limit;
    private final AtomicLong used = new AtomicLong();

    public QueuedBytes(long limit) {
        this.limit = limit;
    }

    boolean reserve(long bytes) {
        long now = used.get();
        while (now == 0 || bytes <= limit - now) {
            if (used.compareAndSet(now, now + bytes)) {
                return true;
            }
            now = used.get();
        }
        return false;
    }

    /** Of a request that waits again: it is in memory already, so that to refuse it would spare nothing. */
    void takeBack(long bytes) {
        used.addAndGet(bytes);
    }

    void release(long bytes) {
        used.addAndGet(-bytes);
    }

    long limit() {
        return limit;
    }
}
