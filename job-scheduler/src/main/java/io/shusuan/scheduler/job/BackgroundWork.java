package io.shusuan.scheduler.job;

import org.springframework.context.SmartLifecycle;

/** What goes on beside everything else, on a thread of its own: begun and ended with the platform. */
public abstract class BackgroundWork implements SmartLifecycle {

    private final Worker worker;

    /** @param name of its thread */
    protected BackgroundWork(String name) {
        worker = new Worker(name);
    }

    /** Goes on until it is interrupted. */
    protected abstract void work() throws InterruptedException;

    @Override
    public void start() {
        worker.start(this::work);
    }

    @Override
    public final void stop() {
        worker.stop();
    }

    @Override
    public final boolean isRunning() {
        return worker.isRunning();
    }
}
