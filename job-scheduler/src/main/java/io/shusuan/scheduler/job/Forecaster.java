package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.StartForecast;
import io.shusuan.db.job.StartForecasts;
import io.shusuan.scheduler.forecast.Estimate;
import io.shusuan.scheduler.forecast.Forecast;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Rules;
import io.shusuan.scheduler.queue.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Tells those who wait when they are expected to start, and learns from what became of that. */
@Component
class Forecaster {

    /** How long to think about one moment. */
    private static final Duration BUDGET = Duration.ofSeconds(1);

    /** Of each queue only the first are told anything: whatever is behind them is far away, and costs time for each step ahead. */
    private static final int TOLD_OF_A_QUEUE = 200;

    /** What moves less than that is no news. */
    private static final Duration SMALL_MOVE = Duration.ofMinutes(1);

    private final Admission admission;
    private final StartForecasts forecasts;
    private final LeaderTransaction transaction;
    private final StartHistory history;
    private Map<JobId, StartForecast> told = Map.of();

    Forecaster(Admission admission, StartForecasts forecasts, LeaderTransaction transaction, StartHistory history) {
        this.admission = admission;
        this.forecasts = forecasts;
        this.transaction = transaction;
        this.history = history;
    }

    /** Forgets what others were told, here or by another replica: it is told once more. */
    synchronized void begin() {
        told = Map.of();
    }

    synchronized void run() {
        transaction.executeWithoutResult(forecasts::judge);
        var seen = admission.lastSeen();
        if (seen == null) {
            told = Map.of();
            return;
        }
        var snapshot = seen.with(foremost(seen.waiting()));
        var estimates = Forecast.of(snapshot, history.experience(snapshot.time()), BUDGET);
        tell(snapshot.waiting(), estimates, snapshot.time());
    }

    /** Of all who wait, those that can be told something. */
    static List<Waiting> foremost(List<Waiting> waiting) {
        return waiting.stream().collect(Collectors.groupingBy(Waiting::queue)).values().stream()
                .flatMap(line -> line.stream()
                        .sorted(Comparator.comparingLong(job -> job.rank(Rules.USUAL)))
                        .limit(TOLD_OF_A_QUEUE))
                .toList();
    }

    private void tell(List<Waiting> waiting, Map<JobId, Estimate> estimates, Moment now) {
        var calibrations = history.calibrations();
        var current = new HashMap<JobId, StartForecast>();
        var news = new HashMap<JobId, StartForecast>();
        var gone = new ArrayList<JobId>();
        for (var job : waiting) {
            var estimate = estimates.get(job.job());
            var before = told.get(job.job());
            if (estimate == null) {
                gone.add(job.job());
                continue;
            }
            var next = calibrations.forecast(job.queue(), estimate, now);
            if (before == null || moved(before, next)) {
                news.put(job.job(), next);
                current.put(job.job(), next);
            } else {
                current.put(job.job(), before);
            }
        }
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
