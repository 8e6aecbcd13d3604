package io.shusuan.agent.scheduling;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Requests of one priority, first in, first out; behind them those that were late and whose policy lets them wait on. Belongs to a
 * {@link RequestQueue} and its lock.
 */
final class PriorityLevel {
    private final QueuePolicy policy;
    private final ArrayDeque<Waiting> punctual = new ArrayDeque<>();
    private final ArrayDeque<Waiting> late = new ArrayDeque<>();

    PriorityLevel(QueuePolicy policy) {
        this.policy = policy;
    }

    QueuePolicy policy() {
        return policy;
    }

    boolean isFull() {
        return policy.maxRequests() > 0 && punctual.size() + late.size() >= policy.maxRequests();
    }

    void add(Waiting request) {
        punctual.add(request);
    }

    boolean remove(Waiting request) {
        return punctual.remove(request) || late.remove(request);
    }

    /** Moves the late ones to the end, or hands them to whoever refuses them. */
    void sortOutLate(long now, Consumer<Waiting> refused) {
        if (!policy.hasDeadlines()) {
            return;
        }
        for (Iterator<Waiting> each = punctual.iterator(); each.hasNext(); ) {
            var request = each.next();
            if (request.isLate(now)) {
                each.remove();
                if (policy.delaysLate()) {
                    late.add(request);
                } else {
                    refused.accept(request);
                }
            }
        }
    }

    Iterable<Waiting> inOrder() {
        return late.isEmpty()
                ? punctual
                : Stream.of(punctual, late).flatMap(ArrayDeque::stream).toList();
    }

    /** Takes up to {@code count} requests from the front. */
    void moveTo(List<Waiting> taken, int count) {
        while (taken.size() < count && !punctual.isEmpty()) {
            taken.add(punctual.remove());
        }
        while (taken.size() < count && !late.isEmpty()) {
            taken.add(late.remove());
        }
    }
}
