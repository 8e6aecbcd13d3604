package io.shusuan.scheduler.job;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work by key: one worker at a time on one key, and whatever is asked for meanwhile coalesces into one more run after it.
 * The work itself says when it wants to run again; being asked earlier takes the place of that. Bounded: at most
 * {@code parallelism} keys are worked on at once, and what runs or waits is at most one entry with one timer per key.
 */
final class KeyedWork<K> implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KeyedWork.class);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);
    private static final Duration CLOSING = Duration.ofSeconds(5);

    private final Function<K, @Nullable Duration> work;
    private final Semaphore slots;
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("keyed-work-timer").daemon().factory());

    @GuardedBy("this")
    private final Map<K, Entry> entries = new HashMap<>();

    @GuardedBy("this")
    private int running;

    @GuardedBy("this")
    private boolean closed;

    /** @param work does one run for a key and returns after which time it wants another, or null for none */
    KeyedWork(int parallelism, Function<K, @Nullable Duration> work) {
        this.slots = new Semaphore(parallelism);
        this.work = work;
        timer.setRemoveOnCancelPolicy(true); // a key that is asked for often leaves no trail of timers
    }

    /** A key that is worked on, or that waits for its time. */
    private static final class Entry {
        boolean running;
        boolean again;

        @Nullable
        Future<?> due;
    }

    synchronized void poke(K key) {
        if (closed) {
            return;
        }
        var entry = entries.computeIfAbsent(key, fresh -> new Entry());
        if (entry.running) {
            entry.again = true;
            return;
        }
        if (entry.due != null) {
            entry.due.cancel(false);
            entry.due = null;
        }
        entry.running = true;
        running++;
        Thread.ofVirtual().name("reconcile-" + key).start(() -> run(key));
    }

    private void run(K key) {
        @Nullable Duration next = AFTER_FAILURE;
        try {
            slots.acquire();
            try {
                next = work.apply(key);
            } finally {
                slots.release();
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error unexpected) {
            log.warn("work on {} failed, will be tried again", key, unexpected);
        } finally {
            done(key, next);
        }
    }

    private synchronized void done(K key, @Nullable Duration next) {
        running--;
        notifyAll();
        var entry = entries.remove(key);
        if (closed || entry == null) {
            return;
        }
        if (entry.again) {
            poke(key);
        } else if (next != null) {
            var waiting = new Entry();
            entries.put(key, waiting);
            waiting.due = timer.schedule(() -> due(key, waiting), next.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void due(K key, Entry waiting) {
        // Somebody may have asked at this very moment: that run is the one that was due.
        if (entries.get(key) == waiting && !waiting.running) {
            poke(key);
        }
    }

    /** How many keys are worked on or wait for their time. */
    synchronized int size() {
        return entries.size();
    }

    /** How many timers there are. */
    int waiting() {
        return timer.getQueue().size();
    }

    /** Takes no more work and waits a short while for what runs; what is cut off is taken up again at the next start. */
    @Override
    public synchronized void close() {
        closed = true;
        timer.shutdownNow();
        var deadline = System.nanoTime() + CLOSING.toNanos();
        try {
            while (running > 0 && System.nanoTime() < deadline) {
                TimeUnit.NANOSECONDS.timedWait(this, Math.max(1_000_000, deadline - System.nanoTime()));
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
