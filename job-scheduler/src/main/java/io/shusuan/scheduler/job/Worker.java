package io.shusuan.scheduler.job;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A thread that works until it is interrupted. Begun and ended with the platform, perhaps more than once. */
final class Worker {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final String name;
    private volatile @Nullable Thread thread;

    Worker(String name) {
        this.name = name;
    }

    /** What is done: an interrupt ends it. */
    interface Work {
        void run() throws InterruptedException;
    }

    void start(Work work) {
        thread = Thread.ofPlatform().daemon().name(name).start(() -> {
            try {
                work.run();
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Waits for its end, too: what it is about to do may be what nobody may do any more. */
    void stop() {
        var running = thread;
        if (running != null) {
            running.interrupt();
            try {
                running.join(PATIENCE);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
            thread = null;
        }
    }

    boolean isRunning() {
        return thread != null;
    }
}
