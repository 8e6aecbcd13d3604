package io.shusuan.agent.scheduling;

import io.shusuan.agent.inference.ServingException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Refuses waiting requests when their time is over, also while every instance is busy. */
final class Deadlines implements AutoCloseable {
    private final RequestQueue queue;
    private final ScheduledThreadPoolExecutor timer;

    Deadlines(String label, RequestQueue queue) {
        this.queue = queue;
        this.timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name(label + " deadlines").factory());
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    void watch(Waiting request) {
        if (request.deadline() != 0) {
            var _ = timer.schedule(
                    () -> {
                        if (queue.withdraw(request)) {
                            refuse(request);
                        }
                    },
                    request.deadline() - System.nanoTime(),
                    TimeUnit.NANOSECONDS);
        }
    }

    static void refuse(Waiting late) {
        late.fail(ServingException.unavailable(late.request().label()
                + "Request timeout expired: it waited longer than the model's queue policy or its own timeout allows"));
    }

    @Override
    public void close() {
        timer.shutdown();
    }
}
