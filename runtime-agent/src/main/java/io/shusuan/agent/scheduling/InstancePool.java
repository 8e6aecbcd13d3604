package io.shusuan.agent.scheduling;

import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.config.ModelInterface;
import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.metrics.ModelStatistics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * The instances of one model version behind one queue. Native inference does not let go of its carrier, so every instance has a
 * platform thread of its own.
 */
public final class InstancePool {
    private final String label;
    private final RequestQueue queue;
    private final ModelStatistics statistics;
    private final List<InstanceThread> threads = new ArrayList<>();

    /** Takes the instances over: each is closed by its own thread after the last request. */
    public InstancePool(
            ModelInterface model,
            long version,
            QueueLimits limits,
            List<BackendInstance> instances,
            ModelStatistics statistics,
            InstantSource clock) {
        this.label = model.model() + ":" + version;
        this.queue = new RequestQueue(limits.requests(), limits.bytes());
        this.statistics = statistics;
        for (int i = 0; i < instances.size(); i++) {
            var thread =
                    new InstanceThread(label + "#" + i, queue, instances.get(i), model, version, statistics, clock);
            threads.add(thread);
            thread.start();
        }
    }

    /**
     * Gives a checked request to the model. When this returns true the request belongs to the pool, which closes it and calls
     * {@code completion}; when it returns false the pool is closed and the request is still the caller's.
     *
     * @throws ServingException when the queue is full; the request is still the caller's
     */
    public boolean submit(InferenceRequest request, Completion completion) {
        request.timing().queued();
        return switch (queue.offer(request, completion)) {
            case ACCEPTED -> true;
            case CLOSED -> false;
            case FULL -> {
                var refusal = ServingException.unavailable(
                        request.label() + "Exceeds maximum queue size of " + label + ": " + queue.size()
                                + " requests are waiting and " + queue.capacity() + " may; try again later");
                statistics.failed(refusal.reason(), request.timing());
                throw refusal;
            }
        };
    }

    /** Requests that wait for an instance. */
    public int pending() {
        return queue.size();
    }

    /** Refuses new requests from now on; those that wait are still served. */
    public void close() {
        queue.close();
    }

    /** Waits until every instance has served what was waiting and is closed; false when the time was not enough. */
    public boolean awaitClosed(Duration deadline) throws InterruptedException {
        long end = System.nanoTime() + deadline.toNanos();
        for (var thread : threads) {
            long left = end - System.nanoTime();
            if (!thread.join(Duration.ofNanos(Math.max(1, left)))) {
                return false;
            }
        }
        return true;
    }
}
