package io.shusuan.agent.protocol.http;

import java.util.concurrent.atomic.AtomicLong;

/** How many bytes of request bodies all connections together may hold, whatever their headers promise. */
final class BodyBudget {
    private final long most;
    private final AtomicLong used = new AtomicLong();

    BodyBudget(long most) {
        this.most = most;
    }

    /** Takes room for as many bytes; false when there is none. Whoever takes gives back. */
    boolean take(long bytes) {
        if (used.addAndGet(bytes) > most) {
            used.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    void giveBack(long bytes) {
        used.addAndGet(-bytes);
    }
}
