package io.shusuan.agent.scheduling;

import io.shusuan.agent.inference.CorrelationId;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The sequences of one model version: those that have a slot of an instance, and behind them, in the order they began, those that wait
 * for one. A sequence stays with its instance. Nothing is closed or told under the lock. {@code DESIGN.md} tells the rest.
 */
final class SequenceQueue {
    private static final Logger log = System.getLogger(SequenceQueue.class.getName());

    private final String label;
    private final SequencePolicy policy;
    private final boolean iterative;
    private final int maxRequests;
    private final QueuedBytes bytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<SequenceSlots> instances = new ArrayList<>();
    private final Map<CorrelationId, Sequence> sequences = new HashMap<>();
    private final ArrayDeque<Sequence> backlog = new ArrayDeque<>();
    private int holdRequests;
    private int holdBacklog;
    private int requests;
    private boolean hurrying;
    /** No sequence may begin: another version takes those. */
    private boolean ending;

    private boolean closed;

    SequenceQueue(String label, SequencePolicy policy, boolean iterative, int instances, SchedulerSettings settings) {
        this.label = label;
        this.policy = policy;
        this.iterative = iterative;
        this.maxRequests = settings.maxRequests();
        this.bytes = settings.bytes();
        this.holdRequests = settings.holdRequests();
        this.holdBacklog = settings.holdBacklog();
        for (int i = 0; i < instances; i++) {
            this.instances.add(new SequenceSlots(this, policy.slots(), lock.newCondition()));
        }
    }

    List<SequenceSlots> instances() {
        return instances;
    }

    /** What became of an offer. */
    enum Offer {
        ACCEPTED,
        /** The request does not start a sequence, and none of its id is here. */
        UNKNOWN,
        CLOSED
    }

    /**
     * Takes the request over when it is accepted; otherwise, or when this throws, it stays the caller's.
     *
     * @throws ServingException when there is no room
     */
    Offer offer(Waiting request) {
        var step = Sequence.step(request);
        lock.lock();
        try {
            if (closed || (ending && step.start())) {
                return Offer.CLOSED;
            }
            if (request.request().isCancelled()) {
                throw Refusals.cancelled(request.request());
            }
            var known = sequences.get(step.id());
            if (!step.start() && (known == null || known.hasEnded())) {
                return Offer.UNKNOWN;
            }
            if (requests >= maxRequests) {
                throw Refusals.tooMany(request.request(), label, requests);
            }
            if (!bytes.reserve(request.bytes())) {
                throw Refusals.tooManyBytes(request.request(), bytes);
            }
            requests++;
            if (known == null) {
                begin(request, step.id());
            } else {
                continueWith(known, request);
            }
            return Offer.ACCEPTED;
        } finally {
            lock.unlock();
        }
    }

    private void begin(Waiting request, CorrelationId id) {
        var sequence = new Sequence(id, iterative);
        sequence.add(request);
        sequences.put(id, sequence);
        SequenceSlots most = instances.getFirst();
        for (var each : instances) {
            most = each.free() > most.free() ? each : most;
        }
        if (most.free() > 0 && backlog.isEmpty()) {
            most.bind(sequence);
            wake(most);
        } else {
            backlog.add(sequence);
            wakeHeld();
        }
    }

    /** A start in the place of an end that never came: what was sent before runs first, then the new sequence in the same slot. */
    private void continueWith(Sequence known, Waiting request) {
        if (Sequence.step(request).start() && !known.hasEnded()) {
            log.log(
                    Level.WARNING,
                    "sequence {0} for model {1} begins again before it has ended; what came before is taken as all of it",
                    known.id(),
                    label);
        }
        known.add(request);
        var slots = known.slots();
        if (slots == null) {
            wakeHeld();
        } else {
            wake(slots);
        }
    }

    private void wake(SequenceSlots slots) {
        slots.work().signal();
        wakeHeld();
    }

    private void wakeHeld() {
        if (holdRequests > 0 || holdBacklog > 0) {
            instances.forEach(each -> each.work().signal());
        }
    }

    /** Waits for a batch of one instance. The one it took before has been answered. */
    BatchSource.Taken take(SequenceSlots mine) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            settle(mine);
            while (true) {
                if (closed ? requests == 0 : ending && sequences.isEmpty()) {
                    instances.forEach(each -> each.work().signalAll());
                    return new BatchSource.Taken(null, List.of());
                }
                var ready = mine.ready();
                if (ready.isEmpty() || isHeld()) {
                    mine.work().await();
                    continue;
                }
                long now = System.nanoTime();
                switch (policy.decide(ready, hurrying, now)) {
                    case SequencePolicy.Decision.Leave leave -> {
                        return new BatchSource.Taken(remove(mine, leave), List.of());
                    }
                    case SequencePolicy.Decision.Hold hold -> {
                        var _ = mine.work().awaitNanos(hold.until() - now);
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void settle(SequenceSlots mine) {
        long now = System.nanoTime();
        for (var sequence : mine.answered()) {
            sequence.answered(now);
            var again = sequence.resume(now);
            if (again != null) {
                requests++;
                bytes.takeBack(again.bytes());
            }
            if (sequence.isIdle() && (sequence.hasEnded() || closed)) {
                release(sequence);
            }
        }
    }

    private Batch remove(SequenceSlots mine, SequencePolicy.Decision.Leave leave) {
        var taken = leave.sequences().stream().map(Sequence::take).toList();
        taken.forEach(this::forget);
        mine.runs(leave.sequences());
        return new Batch(taken, leave.why(), leave.sequences());
    }

    private void forget(Waiting gone) {
        requests--;
        bytes.release(gone.bytes());
    }

    /** The sequence is over: its slot goes to the one that has waited longest. */
    private void release(Sequence sequence) {
        sequences.remove(sequence.id(), sequence);
        if (ending && sequences.isEmpty()) {
            instances.forEach(each -> each.work().signalAll());
        }
        sequence.forgetStates();
        var slots = sequence.slots();
        if (slots == null) {
            backlog.remove(sequence);
            return;
        }
        slots.release(sequence);
        var next = backlog.poll();
        if (next != null) {
            slots.bind(next);
            slots.work().signal();
        }
    }

    /** Nothing leaves until as many requests wait in slots and in the backlog as a test asked for; that happens once. */
    private boolean isHeld() {
        if (holdRequests == 0 && holdBacklog == 0) {
            return false;
        }
        int behind = backlog.stream().mapToInt(Sequence::size).sum();
        if (hurrying || (requests - behind >= holdRequests && behind >= holdBacklog)) {
            holdRequests = 0;
            holdBacklog = 0;
            instances.forEach(each -> each.work().signal());
        }
        return holdRequests > 0 || holdBacklog > 0;
    }

    /**
     * Ends the sequence of a request that was cancelled while it waited, because what follows would be wrong without it.
     *
     * @return all that waits of the sequence, now the caller's; nothing when the request is no longer here
     */
    List<Waiting> cancel(Waiting request) {
        lock.lock();
        try {
            var sequence = sequences.get(Sequence.step(request).id());
            if (sequence == null || !sequence.contains(request)) {
                return List.of();
            }
            return giveUp(sequence);
        } finally {
            lock.unlock();
        }
    }

    private List<Waiting> giveUp(Sequence sequence) {
        var given = sequence.removeAll();
        given.forEach(this::forget);
        if (sequence.isIdle()) {
            release(sequence);
        }
        return given;
    }

    /**
     * Ends sequences whose callers have been silent for too long, and gives up those whose time in the backlog is over.
     *
     * @return the requests of the latter, now the caller's
     */
    List<Waiting> expire(long idleSince, long now) {
        var late = new ArrayList<Waiting>();
        lock.lock();
        try {
            for (var sequence : List.copyOf(sequences.values())) {
                if (sequence.slots() != null && sequence.isIdleSince(idleSince)) {
                    log.log(Level.DEBUG, "sequence {0} for model {1} was idle for too long", sequence.id(), label);
                    release(sequence);
                } else if (sequence.slots() == null && sequence.isLate(now)) {
                    late.addAll(giveUp(sequence));
                }
            }
            return late;
        } finally {
            lock.unlock();
        }
    }

    static ServingException expired() {
        return new ServingException(Reason.UNAVAILABLE, "timeout of the corresponding sequence has been expired");
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
            instances.forEach(each -> each.work().signalAll());
        } finally {
            lock.unlock();
        }
    }

    /** Lets no sequence begin; those that have begun go on until they end. */
    void end() {
        lock.lock();
        try {
            ending = true;
            instances.forEach(each -> each.work().signalAll());
        } finally {
            lock.unlock();
        }
    }

    /** Refuses new requests. Sequences that wait for a request that cannot come any more leave their slots to others. */
    void close() {
        lock.lock();
        try {
            closed = true;
            hurrying = true;
            instances.forEach(each -> each.idle().forEach(this::release));
            instances.forEach(each -> each.work().signalAll());
        } finally {
            lock.unlock();
        }
    }
}
