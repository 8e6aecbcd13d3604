package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.StartForecast;
import io.shusuan.db.job.StartForecast.Basis;
import io.shusuan.db.job.StartForecasts;
import io.shusuan.db.job.StartForecasts.Telling;
import io.shusuan.scheduler.forecast.Estimate;
import io.shusuan.scheduler.forecast.Forecast;
import io.shusuan.scheduler.forecast.Lines;
import io.shusuan.scheduler.queue.Rules;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.queue.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Tells those who wait when they are expected to start, and learns from what became of that. */
@Component
class Forecaster {

    /** How long to think about one moment. */
    private static final Duration BUDGET = Duration.ofSeconds(1);

    /** Of each queue only the first are simulated: whatever is behind them is far away, and costs time for each step ahead. */
    private static final int SIMULATED_OF_A_QUEUE = 200;

    /** What moves less than that is no news. */
    private static final Duration SMALL_MOVE = Duration.ofMinutes(1);

    private final Admission admission;
    private final StartForecasts forecasts;
    private final LeaderTransaction transaction;
    private final StartHistory history;
    private @Nullable Map<JobId, StartForecast> told;

    Forecaster(Admission admission, StartForecasts forecasts, LeaderTransaction transaction, StartHistory history) {
        this.admission = admission;
        this.forecasts = forecasts;
        this.transaction = transaction;
        this.history = history;
    }

    /** Another replica may have told others meanwhile. */
    synchronized void begin() {
        told = null;
    }

    synchronized void run() {
        transaction.executeWithoutResult(forecasts::judge);
        var seen = admission.lastSeen();
        if (seen == null) {
            told = null;
            return;
        }
        var before = told == null ? forecasts.told() : told;
        var experience = history.experience(seen.time());
        var foremost = foremost(seen.waiting());
        var simulated = Forecast.of(seen.with(foremost), experience, BUDGET);
        var estimates = new HashMap<>(simulated.estimates());
        if (simulated.cut()) {
            estimates.values().removeIf(each -> each.expected() == null);
        }
        // Whoever does not start in futures that were followed to their end is not told otherwise by a rougher guess.
        Set<JobId> silent = simulated.cut()
                ? Set.of()
                : foremost.stream().map(Waiting::job).collect(Collectors.toUnmodifiableSet());
        var untold = seen.waiting().stream()
                .filter(job -> job.hold() == null && !estimates.containsKey(job.job()) && !silent.contains(job.job()))
                .toList();
        tell(seen, before, estimates, Lines.of(untold, known(before), seen, experience));
    }

    private static Set<JobId> known(Map<JobId, StartForecast> before) {
        return before.entrySet().stream()
                .filter(each -> each.getValue().basis() == Basis.LINE)
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Of all who wait, those that are simulated. */
    static List<Waiting> foremost(List<Waiting> waiting) {
        return waiting.stream().collect(Collectors.groupingBy(Waiting::queue)).values().stream()
                .flatMap(line -> line.stream()
                        .sorted(Comparator.comparingLong(job -> job.rank(Rules.USUAL)))
                        .limit(SIMULATED_OF_A_QUEUE))
                .toList();
    }

    private void tell(
            Snapshot seen,
            Map<JobId, StartForecast> before,
            Map<JobId, Estimate> estimates,
            Map<JobId, Lines.Told> lines) {
        var calibrations = history.calibrations();
        var now = seen.time();
        var current = new HashMap<JobId, StartForecast>();
        var news = new HashMap<JobId, Telling>();
        for (var each : seen.waiting()) {
            var job = each.job();
            var estimate = estimates.get(job);
            var line = lines.get(job);
            Telling next;
            if (estimate != null) {
                next = new Telling(calibrations.forecast(each.queue(), estimate, now), null);
            } else if (line != null) {
                next = new Telling(Calibrations.byLine(line.estimate(), now), line.room());
            } else {
                continue;
            }
            var known = before.get(job);
            if (known == null || known.basis() != next.told().basis() || moved(known, next.told())) {
                news.put(job, next);
                current.put(job, next.told());
            } else {
                current.put(job, known);
            }
        }
        var gone = new HashSet<>(before.keySet());
        gone.removeAll(current.keySet());
        transaction.executeWithoutResult(() -> {
            forecasts.tell(news);
            forecasts.takeBack(gone);
        });
        told = current;
    }

    private static boolean moved(StartForecast before, StartForecast now) {
        return moved(before.earliest(), now.earliest(), now.toldAt())
                || moved(before.expected(), now.expected(), now.toldAt())
                || moved(before.latest(), now.latest(), now.toldAt());
    }

    /** The further ahead, the more a move has to be. */
    private static boolean moved(@Nullable Instant before, @Nullable Instant after, Instant now) {
        if (before == null || after == null) {
            return before != null || after != null;
        }
        var tenth = Duration.between(now, after).dividedBy(10);
        return Duration.between(before, after).abs().compareTo(tenth.compareTo(SMALL_MOVE) < 0 ? SMALL_MOVE : tenth)
                > 0;
    }
}
