package io.shusuan.agent.scheduling.cache;

import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.metrics.ModelStatistics;
import io.shusuan.agent.scheduling.Scheduler;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Looks for an answer before a request waits for an instance. An answer that is there is given at once, by the caller's thread; one
 * that is not is kept when the model has made it. Two that ask the same at the same time are both computed.
 */
public final class CachedScheduler implements Scheduler {
    private static final AtomicLong OWNERS = new AtomicLong();

    /** A model that is loaded again answers otherwise, so every loaded version has a number of its own. */
    private final long owner = OWNERS.incrementAndGet();

    private final Scheduler behind;
    private final ResponseCache cache;
    private final long version;
    private final ModelStatistics statistics;
    private final InstantSource clock;
    private volatile boolean closed;

    public CachedScheduler(
            Scheduler behind, ResponseCache cache, long version, ModelStatistics statistics, InstantSource clock) {
        this.behind = behind;
        this.cache = cache;
        this.version = version;
        this.statistics = statistics;
        this.clock = clock;
    }

    @Override
    public boolean submit(InferenceRequest request, Completion completion) {
        if (closed) {
            return false;
        }
        long begin = System.nanoTime();
        var key = CacheKey.of(owner, request);
        var found = cache.find(key);
        long looked = System.nanoTime() - begin;
        if (found.isPresent()) {
            answer(request, found.get(), looked, completion);
            return true;
        }
        // the caller can write there while the answer is being kept for others
        request.forgetPlaces();
        return behind.submit(request, new Keeping(completion, key, looked));
    }

    private void answer(InferenceRequest request, List<Tensor> outputs, long looked, Completion completion) {
        request.close();
        statistics.answeredFromCache(request.timing(), looked, clock.millis());
        completion.completed(new InferenceResponse(request.model(), version, request.id(), outputs));
    }

    private final class Keeping implements Completion {
        private final Completion next;
        private final CacheKey key;
        private final long looked;

        Keeping(Completion next, CacheKey key, long looked) {
            this.next = next;
            this.key = key;
            this.looked = looked;
        }

        @Override
        public void completed(InferenceResponse response) {
            long begin = System.nanoTime();
            if (!closed) {
                cache.keep(key, response.outputs());
            }
            statistics.missedCache(looked + System.nanoTime() - begin);
            next.completed(response);
        }

        @Override
        public void failed(ServingException failure) {
            next.failed(failure);
        }
    }

    @Override
    public int pending() {
        return behind.pending();
    }

    @Override
    public void hurry() {
        behind.hurry();
    }

    @Override
    public void close() {
        closed = true;
        behind.close();
    }

    @Override
    public boolean awaitClosed(Duration deadline) throws InterruptedException {
        boolean done = behind.awaitClosed(deadline);
        cache.forget(owner);
        return done;
    }
}
