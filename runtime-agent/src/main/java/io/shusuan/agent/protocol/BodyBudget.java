package io.shusuan.agent.protocol;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes of requests all connections of a port together may hold, whatever their headers promise. Large answers that nobody reads
 * count as well: there is no refusing them, but while they fill the room no further request is taken.
 */
public final class BodyBudget {
    private final long most;
    private final AtomicLong used = new AtomicLong();

    public BodyBudget(long most) {
        this.most = most;
    }

    /** Takes room for as many bytes; false when there is none. Whoever takes gives back. What has no body is always taken. */
    public boolean take(long bytes) {
        if (bytes > 0 && used.addAndGet(bytes) > most) {
            used.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    /** Takes room that there may not be. */
    public void hold(long bytes) {
        used.addAndGet(bytes);
    }

    public void giveBack(long bytes) {
        used.addAndGet(-bytes);
    }
}
