package io.shusuan.agent.scheduling;

import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.scheduling.BatchPolicy.Candidates;
import io.shusuan.agent.scheduling.BatchPolicy.Decision;
import io.shusuan.agent.scheduling.BatchPolicy.End;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The requests that wait for one model version. Protocol threads offer and never wait; instance threads take batches; whoever cancels
 * withdraws. At most one instance thread, the gatherer, waits for a batch to grow, all others wait to become it. What wakes whom is
 * told in {@code DESIGN.md}.
 */
final class RequestQueue implements BatchSource {
    /** What became of an offer. */
    enum Offer {
        ACCEPTED,
        TOO_MANY,
        TOO_MANY_BYTES,
        CANCELLED,
        CLOSED
    }

    private final QueueLevels levels;
    private final BatchPolicy policy;
    private final BiPredicate<InferenceRequest, InferenceRequest> compatible;
    private final int maxRequests;
    private final QueuedBytes bytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition growth = lock.newCondition();
    private int requests;
    private long inferences;
    private int holdRequests;
    private @Nullable InferenceRequest gathered;
    private long gatherUntilSize;
    private boolean hurrying;
    private boolean closed;

    RequestQueue(
            QueueLevels levels,
            BatchPolicy policy,
            BiPredicate<InferenceRequest, InferenceRequest> compatible,
            SchedulerSettings settings) {
        this.levels = levels;
        this.policy = policy;
        this.compatible = compatible;
        this.maxRequests = settings.maxRequests();
        this.bytes = settings.bytes();
        this.holdRequests = settings.holdRequests();
    }

    /** Takes the request over when {@code ACCEPTED}; otherwise it stays the caller's. */
    Offer offer(Waiting request) {
        lock.lock();
        try {
            if (closed) {
                return Offer.CLOSED;
            }
            if (request.request().isCancelled()) {
                return Offer.CANCELLED;
            }
            var level = levels.of(request.request());
            if (requests >= maxRequests || level.isFull()) {
                return Offer.TOO_MANY;
            }
            if (!bytes.reserve(request.bytes())) {
                return Offer.TOO_MANY_BYTES;
            }
            level.add(request);
            requests++;
            inferences += request.batchSize();
            if (gathered == null) {
                work.signal();
            } else if (inferences >= gatherUntilSize || !compatible.test(gathered, request.request())) {
                growth.signal();
            }
            return Offer.ACCEPTED;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isShared() {
        return true;
    }

    @Override
    public Taken take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                if (requests == 0 && closed) {
                    return new Taken(null, List.of());
                }
                if (requests == 0 || gathered != null || isHeld()) {
                    work.await();
                    letOthersJoin();
                    continue;
                }
                long now = System.nanoTime();
                var late = late(now);
                if (!late.isEmpty() || requests == 0) {
                    // refused outside the lock; then the caller comes back
                    return new Taken(Batch.EMPTY, late);
                }
                switch (policy.decide(front(), now)) {
                    case Decision.Leave leave -> {
                        return new Taken(remove(leave), late);
                    }
                    case Decision.Hold hold -> gather(hold, now);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Taken takeAhead() {
        lock.lock();
        try {
            if (requests == 0 || gathered != null || isHeld()) {
                return Taken.NOTHING;
            }
            long now = System.nanoTime();
            var late = late(now);
            if (requests > 0) {
                var front = front();
                if (policy.decide(front, now) instanceof Decision.Leave leave && policy.leavesAhead(leave, front)) {
                    return new Taken(remove(leave), late);
                }
            }
            return new Taken(Batch.EMPTY, late);
        } finally {
            lock.unlock();
        }
    }

    private List<Waiting> late(long now) {
        var late = new ArrayList<Waiting>(0);
        levels.sortOutLate(now, late::add);
        late.forEach(this::forget);
        return late;
    }

    /**
     * The first request wakes an idle instance at once; those that arrived with it are still on their way through the network's
     * threads. Where these compete for the processor with the instance they go first, so that the batch is larger; where a core is
     * free this costs nothing and waits for nothing.
     */
    @SuppressWarnings({"ThreadPriorityCheck", "LockNotBeforeTry"
    }) // a hint, nothing relies on it; the lock is the caller's
    private void letOthersJoin() {
        if (policy.batches()) {
            lock.unlock();
            try {
                Thread.yield();
            } finally {
                lock.lock();
            }
        }
    }

    /** Nothing leaves until as many requests wait as a test asked for; that happens once. */
    private boolean isHeld() {
        if (requests >= holdRequests || hurrying) {
            holdRequests = 0;
        }
        return holdRequests > 0;
    }

    @SuppressWarnings("WaitNotInLoop") // the loop is the caller's, who decides anew whatever ended the wait
    private void gather(Decision.Hold hold, long now) throws InterruptedException {
        gathered = levels.inOrder().iterator().next().request();
        gatherUntilSize = hold.size();
        try {
            var _ = growth.awaitNanos(hold.until() - now);
        } finally {
            gathered = null;
        }
    }

    private Candidates front() {
        long[] sizes = new long[requests];
        int count = 0;
        long total = 0;
        long oldest = Long.MAX_VALUE;
        var end = End.OPEN;
        InferenceRequest first = null;
        for (var next : levels.inOrder()) {
            if (first != null && total + next.batchSize() > policy.maxBatchSize()) {
                end = End.NO_ROOM;
                break;
            }
            if (first != null && !compatible.test(first, next.request())) {
                end = End.DIFFERENT;
                break;
            }
            first = first == null ? next.request() : first;
            total += next.batchSize();
            sizes[count++] = total;
            oldest = oldest == Long.MAX_VALUE ? next.arrived() : Math.min(oldest, next.arrived());
        }
        return new Candidates(Arrays.copyOf(sizes, count), end, oldest, hurrying);
    }

    private Batch remove(Decision.Leave leave) {
        var taken = levels.take(leave.requests());
        taken.forEach(this::forget);
        if (requests > 0) {
            work.signal();
        }
        return new Batch(taken, leave.why());
    }

    private void forget(Waiting gone) {
        requests--;
        inferences -= gone.batchSize();
        bytes.release(gone.bytes());
    }

    /** Takes a request out; true when it was still here and now is the caller's. */
    boolean withdraw(Waiting request) {
        lock.lock();
        try {
            boolean found = levels.of(request.request()).remove(request);
            if (found) {
                forget(request);
            }
            return found;
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return requests;
        } finally {
            lock.unlock();
        }
    }

    /** From now on requests leave without waiting for others. */
    void hurry() {
        lock.lock();
        try {
            hurrying = true;
            work.signalAll();
            growth.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Refuses new requests; those here leave without waiting for others. */
    void close() {
        lock.lock();
        try {
            closed = true;
            hurrying = true;
            work.signalAll();
            growth.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
