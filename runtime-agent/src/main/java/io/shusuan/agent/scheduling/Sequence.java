package io.shusuan.agent.scheduling;

import io.shusuan.agent.inference.CorrelationId;
import io.shusuan.agent.inference.SequenceStep;
import io.shusuan.agent.inference.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one correlation id, first in, first out, and the states its model keeps between them. Belongs to a {@link
 * SequenceQueue} and its lock, but for the states: those belong to the instance's thread from the time a request of the sequence is
 * taken until the next batch is.
 */
final class Sequence {
    private final CorrelationId id;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private final Map<String, Tensor> states = new HashMap<>();
    private final boolean iterates;
    private @Nullable SequenceSlots slots;
    private int slot;
    private boolean ended;
    private boolean running;
    private long lastActivity;
    private @Nullable Waiting goesOn;
    private int answersSent;

    /** @param iterates whether it is one request that comes again and again */
    Sequence(CorrelationId id, boolean iterates) {
        this.id = id;
        this.iterates = iterates;
    }

    boolean iterates() {
        return iterates;
    }

    CorrelationId id() {
        return id;
    }

    static SequenceStep step(Waiting request) {
        return request.request().parameters().sequence().orElseThrow();
    }

    /** Whether the last request that came was the end, so that only a start may follow. */
    boolean hasEnded() {
        return ended;
    }

    void add(Waiting request) {
        waiting.add(request);
        ended = iterates || step(request).end();
        lastActivity = request.arrived();
    }

    /** The sequence has its place from now on. */
    void bind(SequenceSlots to, int place) {
        slots = to;
        slot = place;
    }

    @Nullable
    SequenceSlots slots() {
        return slots;
    }

    /** Its row in a batch of the direct strategy. */
    int slot() {
        return slot;
    }

    int size() {
        return waiting.size();
    }

    boolean isReady() {
        return !running && !waiting.isEmpty();
    }

    /** The request that goes next; the sequence must be {@linkplain #isReady ready}. */
    Waiting next() {
        return waiting.element();
    }

    Waiting take() {
        running = true;
        return waiting.remove();
    }

    /** The request taken last has been answered. */
    void answered(long now) {
        running = false;
        lastActivity = now;
    }

    /** The request taken last has another step; it is the sequence's from now on. For the instance's thread, before its next batch. */
    void goesOn(Waiting request, int answers) {
        request.request().takesStep(new SequenceStep(id, false, false));
        goesOn = request;
        answersSent = answers;
    }

    /** How many answers the steps before this one have sent. */
    int answersSent() {
        return answersSent;
    }

    /** Puts the request that has another step before all others; null when there is none. */
    @Nullable
    Waiting resume(long now) {
        var request = goesOn;
        goesOn = null;
        if (request == null) {
            return null;
        }
        request.request().timing().queued();
        var next = new Waiting(request.request(), request.completion(), request.batchSize(), request.bytes(), now, 0);
        waiting.addFirst(next);
        return next;
    }

    /** Whether nothing is to be done for it and, unless callers may still come, nothing will be. */
    boolean isIdle() {
        return !running && waiting.isEmpty();
    }

    boolean isIdleSince(long time) {
        return isIdle() && lastActivity - time <= 0;
    }

    boolean contains(Waiting request) {
        return waiting.contains(request);
    }

    /** Gives up everything that waits; the requests are the caller's. */
    List<Waiting> removeAll() {
        var all = new ArrayList<>(waiting);
        waiting.clear();
        ended = true;
        return all;
    }

    boolean isLate(long now) {
        return waiting.stream().anyMatch(request -> request.isLate(now));
    }

    @Nullable
    Tensor state(String input) {
        return states.get(input);
    }

    /** Takes the tensor over, in place of the one before. */
    void keep(String input, Tensor state) {
        var before = states.put(input, state);
        if (before != null) {
            before.release();
        }
    }

    void forgetStates() {
        states.values().forEach(Tensor::release);
        states.clear();
    }
}
