package io.shusuan.agent.scheduling;

import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A first-in first-out queue bounded twice: by requests and by the bytes of their inputs. Protocol threads offer and never wait;
 * instance threads take. A closed queue refuses new requests and still hands out those it holds.
 */
final class RequestQueue {
    /** A request with whoever waits for it. */
    record Waiting(InferenceRequest request, Completion completion) {}

    /** What became of an offer. */
    enum Offer {
        ACCEPTED,
        FULL,
        CLOSED
    }

    private final int maxRequests;
    private final long maxBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition notEmpty = lock.newCondition();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private long bytes;
    private boolean closed;

    RequestQueue(int maxRequests, long maxBytes) {
        this.maxRequests = maxRequests;
        this.maxBytes = maxBytes;
    }

    /** Takes the request over when {@code ACCEPTED}; otherwise it stays the caller's. One request always fits an empty queue. */
    Offer offer(InferenceRequest request, Completion completion) {
        long size = request.byteSize();
        lock.lock();
        try {
            if (closed) {
                return Offer.CLOSED;
            }
            if (waiting.size() >= maxRequests || (!waiting.isEmpty() && bytes + size > maxBytes)) {
                return Offer.FULL;
            }
            waiting.add(new Waiting(request, completion));
            bytes += size;
            notEmpty.signal();
            return Offer.ACCEPTED;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a request, which becomes the caller's; null once the queue is closed and empty. */
    @Nullable
    Waiting take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (waiting.isEmpty()) {
                if (closed) {
                    return null;
                }
                notEmpty.await();
            }
            var next = waiting.remove();
            bytes -= next.request().byteSize();
            return next;
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    int capacity() {
        return maxRequests;
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            notEmpty.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
