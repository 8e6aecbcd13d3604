package io.shusuan.scheduler.job;

import io.shusuan.scheduler.forecast.Forecast;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.queue.Waiting;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * Says when a job would start that is only asked about, as it would be told if it waited. One answer at a time is thought about,
 * so that however many ask, that takes one core at most.
 */
@Component
class AskedStart {

    /** How long to think about one. */
    private static final Duration BUDGET = Duration.ofMillis(500);

    /** Whoever would have to wait longer for its turn is told nothing. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final StartHistory history;
    private final Semaphore turn = new Semaphore(1, true);

    AskedStart(StartHistory history) {
        this.history = history;
    }

    /** @param snapshot in which that job waits, too */
    Optional<JobCheck.Start> of(Waiting job, Snapshot snapshot) {
        var foremost = Forecaster.foremost(snapshot.waiting());
        if (!foremost.contains(job) || !isMyTurn()) {
            return Optional.empty();
        }
        try {
            var now = snapshot.time();
            return Forecast.of(job.job(), snapshot.with(foremost), history.experience(now), BUDGET)
                    .map(guess -> new JobCheck.Start(
                            history.calibrations().forecast(job.queue(), guess, now), history.past(job.queue())));
        } finally {
            turn.release();
        }
    }

    private boolean isMyTurn() {
        try {
            return turn.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
