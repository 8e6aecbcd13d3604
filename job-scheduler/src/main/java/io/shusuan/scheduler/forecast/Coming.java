package io.shusuan.scheduler.forecast;

import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Waiting;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.function.Consumer;

/** Who comes from a moment on, in one possible course of events: what is known of the past comes again, period after period. */
final class Coming {

    private final Arrivals.Known arrivals;
    private final Moment begin;
    private final Random random;
    private final Deque<Waiting> next = new ArrayDeque<>();
    private int periods;

    Coming(Arrivals.Known arrivals, Moment begin, Random random) {
        this.arrivals = arrivals;
        this.begin = begin;
        this.random = random;
    }

    /** Gives those who have come since it was asked last. */
    void until(Moment now, Consumer<Waiting> comer) {
        while (!arrivals.past().isEmpty()
                && now.compareTo(begin.plus(arrivals.period().multipliedBy(periods))) >= 0) {
            next.addAll(arrivals.again(periods++, random));
        }
        for (var job = next.peek(); job != null && job.submitted().compareTo(now) <= 0; job = next.peek()) {
            next.remove();
            comer.accept(job);
        }
    }
}
