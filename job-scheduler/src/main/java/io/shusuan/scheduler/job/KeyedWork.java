package io.shusuan.scheduler.job;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work by key: one worker at a time on one key, and whatever is asked for meanwhile coalesces into one more run after it.
 * The work itself says when it wants to run again. Bounded: at most {@code parallelism} keys are worked on at once, and
 * what waits is at most one entry per key.
 */
final class KeyedWork<K> implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KeyedWork.class);

    private final Function<K, @Nullable Duration> work;
    private final Semaphore slots;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("keyed-work-timer").daemon().factory());

    @GuardedBy("this")
    private final Map<K, Entry> entries = new HashMap<>();

    @GuardedBy("this")
    private boolean closed;

    /** @param work does one run for a key and returns after which time it wants another, or null for none */
    KeyedWork(int parallelism, Function<K, @Nullable Duration> work) {
        this.slots = new Semaphore(parallelism);
        this.work = work;
    }

    private static final class Entry {
        boolean running;
        boolean again;
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
        entry.running = true;
        Thread.ofVirtual().name("reconcile-" + key).start(() -> run(key));
    }

    private void run(K key) {
        @Nullable Duration next = null;
        try {
            slots.acquire();
            try {
                next = work.apply(key);
            } finally {
                slots.release();
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException unexpected) {
            log.warn("work on {} failed, will be tried again", key, unexpected);
            next = Duration.ofSeconds(5);
        }
        done(key, next);
    }

    private synchronized void done(K key, @Nullable Duration next) {
        var entry = entries.remove(key);
        if (closed) {
            notifyAll();
            return;
        }
        if (entry != null && entry.again) {
            poke(key);
        } else if (next != null) {
            var _ = timer.schedule(() -> poke(key), next.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Takes no more work and waits a short while for what runs; what is cut off is taken up again at the next start. */
    @Override
    public synchronized void close() {
        closed = true;
        timer.shutdownNow();
        var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        try {
            while (!entries.isEmpty() && System.nanoTime() < deadline) {
                wait(100);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
