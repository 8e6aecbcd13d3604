package io.shusuan.agent.protocol.grpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Whether the agent is ready, and who wants to hear when that changes. Whoever may have changed it says so; listeners are told under a
 * lock, so that all hear the changes in their order, and do not wait.
 */
public final class Readiness {
    /** Who watches. */
    interface Watcher {
        void is(boolean ready);

        /** There will be no change any more: the server goes away. */
        void ended();
    }

    private final BooleanSupplier now;

    @GuardedBy("this")
    private final Set<Watcher> watchers = new LinkedHashSet<>();

    @GuardedBy("this")
    private boolean last;

    @GuardedBy("this")
    private boolean over;

    public Readiness(BooleanSupplier now) {
        this.now = now;
    }

    boolean isReady() {
        return now.getAsBoolean();
    }

    /** Something has happened that it depends on. */
    public synchronized void mayHaveChanged() {
        boolean ready = now.getAsBoolean();
        if (ready != last) {
            last = ready;
            List.copyOf(watchers).forEach(watcher -> watcher.is(ready));
        }
    }

    /** Tells the watcher how it is, and from now on when it changes. */
    synchronized void watch(Watcher watcher) {
        mayHaveChanged();
        watcher.is(last);
        if (over) {
            watcher.ended();
        } else {
            watchers.add(watcher);
        }
    }

    synchronized void forget(Watcher watcher) {
        watchers.remove(watcher);
    }

    /** The server goes away: the watchers hear that it is not ready, and then no more. */
    public synchronized void end() {
        mayHaveChanged();
        over = true;
        List.copyOf(watchers).forEach(Watcher::ended);
        watchers.clear();
    }
}
