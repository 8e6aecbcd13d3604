package io.shusuan.scheduler.job;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers many at once who ask one by one, since one way to the database costs about as much for many as for one. Whoever asks
 * waits for its turn; whose turn it is answers all who have asked by then, on its own thread, and these find their answers when
 * their turn comes. From one time to the next there is a pause, in which more may come: so nobody waits where little is
 * asked, and many go together where much is. Bounded by who asks: each has one question at a time.
 */
final class Together<Q, A> {

    static final Duration PAUSE = Duration.ofMillis(20);

    private static final int MOST = 100;

    private final Function<List<Q>, List<A>> answers;
    private final Queue<Asked<Q, A>> asked = new ConcurrentLinkedQueue<>();
    private final ReentrantLock turn = new ReentrantLock();

    /** For whose turn it is. */
    private long nextNanos = System.nanoTime();

    /** @param answers one for each question, in their order; what it throws is thrown to all who have asked */
    Together(Function<List<Q>, List<A>> answers) {
        this.answers = answers;
    }

    /** What was asked, and what came of it; the latter for whose turn it is. */
    private static final class Asked<Q, A> {

        private final Q question;
        private boolean done;
        private @Nullable A answer;
        private @Nullable Throwable failure;

        Asked(Q question) {
            this.question = question;
        }

        A answer() {
            return switch (failure) {
                case null -> Objects.requireNonNull(answer);
                case RuntimeException told -> throw told;
                default -> throw new IllegalStateException(failure);
            };
        }
    }

    A ask(Q question) {
        var mine = new Asked<Q, A>(question);
        asked.add(mine);
        turn.lock();
        try {
            while (!mine.done) {
                pause();
                answerAll();
            }
        } finally {
            turn.unlock();
        }
        return mine.answer();
    }

    private void pause() {
        for (var left = left(); left > 0 && !Thread.currentThread().isInterrupted(); left = left()) {
            LockSupport.parkNanos(left);
        }
    }

    private long left() {
        return nextNanos - System.nanoTime();
    }

    private void answerAll() {
        var all = new ArrayList<Asked<Q, A>>();
        for (var next = asked.poll(); next != null; next = all.size() < MOST ? asked.poll() : null) {
            all.add(next);
        }
        try {
            var found = answers.apply(all.stream().map(each -> each.question).toList());
            for (var i = 0; i < all.size(); i++) {
                all.get(i).answer = found.get(i);
            }
        } catch (RuntimeException | Error failed) {
            all.forEach(each -> each.failure = failed);
        } finally {
            all.forEach(each -> each.done = true);
            nextNanos = System.nanoTime() + PAUSE.toNanos();
        }
    }
}
