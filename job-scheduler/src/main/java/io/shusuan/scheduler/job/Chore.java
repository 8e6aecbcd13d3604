package io.shusuan.scheduler.job;

import java.time.Duration;

/** Something to be done every so often, beside other work. What fails is done again the next time. For one thread. */
final class Chore {

    private final Duration every;
    private final Runnable work;
    private long due = System.nanoTime();

    Chore(Duration every, Runnable work) {
        this.every = every;
        this.work = work;
    }

    void doIfDue() {
        if (System.nanoTime() - due >= 0) {
            work.run();
            due = System.nanoTime() + every.toNanos();
        }
    }
}
