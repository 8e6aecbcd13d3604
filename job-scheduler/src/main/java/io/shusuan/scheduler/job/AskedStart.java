package io.shusuan.scheduler.job;

import io.shusuan.db.job.StartForecast.Basis;
import io.shusuan.scheduler.forecast.Experience;
import io.shusuan.scheduler.forecast.Forecast;
import io.shusuan.scheduler.forecast.Pace;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.queue.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * Says when a job would start that is only asked about, as it would be told if it waited; or by its line alone, if so many wait that there is no time to run
 * the queue's decisions ahead until it starts. One answer at a time is thought about, so that however many ask, that takes one core at most.
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
        if (!isMyTurn()) {
            return Optional.empty();
        }
        try {
            var experience = history.experience(snapshot.time());
            var foremost = Forecaster.foremost(snapshot.waiting());
            return foremost.contains(job)
                    ? simulated(job, snapshot, foremost, experience)
                    : byItsLine(job, snapshot, experience);
        } finally {
            turn.release();
        }
    }

    private Optional<JobCheck.Start> simulated(
            Waiting job, Snapshot snapshot, List<Waiting> foremost, Experience experience) {
        var now = snapshot.time();
        var foreseen = Forecast.of(job.job(), snapshot.with(foremost), experience, BUDGET);
        var start = foreseen.estimate()
                .map(guess -> new JobCheck.Start(
                        history.calibrations().forecast(job.queue(), guess, now),
                        history.past(job.queue(), Basis.SIMULATION)));
        // Whoever does not start in futures that were followed to their end is not told otherwise by a rougher guess.
        return foreseen.cut()
                        && start.filter(each -> each.told().expected() != null).isEmpty()
                ? byItsLine(job, snapshot, experience).or(() -> start)
                : start;
    }

    private Optional<JobCheck.Start> byItsLine(Waiting job, Snapshot snapshot, Experience experience) {
        return Pace.of(job, snapshot, experience)
                .map(guess -> new JobCheck.Start(
                        Calibrations.byLine(guess, snapshot.time()), history.past(job.queue(), Basis.LINE)));
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
