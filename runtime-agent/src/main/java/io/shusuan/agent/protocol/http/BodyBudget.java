package io.shusuan.agent.protocol.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes of request bodies all connections together may hold, whatever their headers promise. Large answers that nobody reads
 * count as well: there is no refusing them, but while they fill the room no further request is taken.
 */
final class BodyBudget {
    private final long most;
    private final AtomicLong used = new AtomicLong();

    BodyBudget(long most) {
        this.most = most;
    }

    /** Takes room for as many bytes; false when there is none. Whoever takes gives back. What has no body is always taken. */
    boolean take(long bytes) {
        if (bytes > 0 && used.addAndGet(bytes) > most) {
            used.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    /** Takes room that there may not be. */
    void hold(long bytes) {
        used.addAndGet(bytes);
    }

    void giveBack(long bytes) {
        used.addAndGet(-bytes);
    }
}
