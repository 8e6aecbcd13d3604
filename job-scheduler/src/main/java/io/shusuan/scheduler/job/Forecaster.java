package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.StartForecast;
import io.shusuan.db.job.StartForecasts;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.forecast.Calibration;
import io.shusuan.scheduler.forecast.Estimate;
import io.shusuan.scheduler.forecast.Forecast;
import io.shusuan.scheduler.forecast.RunTimes;
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
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Tells those who wait when they are expected to start, and learns from what became of that. */
@Component
class Forecaster {

    /** How long to think about one moment. */
    private static final Duration BUDGET = Duration.ofSeconds(1);

    /** Of each queue only the first are told anything: whatever is behind them is far away, and costs time for each step ahead. */
    private static final int TOLD_OF_A_QUEUE = 200;

    private static final int REMEMBERED_RUNS = 5000;
    private static final int REMEMBERED_ESTIMATES = 2000;

    /** By so few estimates of its own a queue is not judged, but by those of all. */
    private static final int FEW = 20;

    /** What moves less than that is no news. */
    private static final Duration SMALL_MOVE = Duration.ofMinutes(1);

    private final Admission admission;
    private final StartForecasts forecasts;
    private final LeaderTransaction transaction;
    private final JdbcClient jdbc;
    private Map<JobId, StartForecast> told = Map.of();

    Forecaster(Admission admission, StartForecasts forecasts, LeaderTransaction transaction, JdbcClient jdbc) {
        this.admission = admission;
        this.forecasts = forecasts;
        this.transaction = transaction;
        this.jdbc = jdbc;
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
        var snapshot = seen.with(first(seen.waiting()));
        var arrivals = admission.arrivals().known(snapshot.time());
        var estimates = Forecast.of(snapshot, services(), runTimes(), arrivals, BUDGET);
        tell(snapshot.waiting(), estimates, snapshot.time());
    }

    private static List<Waiting> first(List<Waiting> waiting) {
        return waiting.stream().collect(Collectors.groupingBy(Waiting::queue)).values().stream()
                .flatMap(line -> line.stream()
                        .sorted(Comparator.comparingLong(job -> job.rank(Rules.USUAL)))
                        .limit(TOLD_OF_A_QUEUE))
                .toList();
    }

    private void tell(List<Waiting> waiting, Map<JobId, Estimate> estimates, Moment now) {
        var calibrations = calibrations();
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
            var calibration = calibrations.getOrDefault(job.queue(), calibrations.getOrDefault(null, Calibration.NONE));
            var next = forecast(calibration.apply(estimate, now), now);
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

    /** By queue, and by null what holds for all. */
    private Map<@Nullable QueueName, Calibration> calibrations() {
        var judged = forecasts.judged(REMEMBERED_ESTIMATES);
        var all = new HashMap<@Nullable QueueName, Calibration>();
        all.put(null, new Calibration(ratios(judged)));
        judged.stream()
                .collect(Collectors.groupingBy(StartForecasts.Judged::queue))
                .forEach((queue, own) -> {
                    if (own.size() >= FEW) {
                        all.put(queue, new Calibration(ratios(own)));
                    }
                });
        return all;
    }

    private static List<Double> ratios(List<StartForecasts.Judged> judged) {
        return judged.stream()
                .map(each -> Calibration.ratio(each.expected(), each.waited()))
                .toList();
    }

    private static StartForecast forecast(Estimate estimate, Moment now) {
        return new StartForecast(
                instant(now), instant(estimate.earliest()), nullable(estimate.expected()), nullable(estimate.latest()));
    }

    private static Instant instant(Moment moment) {
        return Instant.ofEpochMilli(moment.millis());
    }

    private static @Nullable Instant nullable(@Nullable Moment moment) {
        return moment == null ? null : instant(moment);
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

    private Set<JobId> services() {
        return Set.copyOf(jdbc.sql("select id from jobs where state = 'QUEUED' and kind = 'INFERENCE'")
                .query((row, number) -> new JobId(row.getObject("id", UUID.class)))
                .list());
    }

    private RunTimes runTimes() {
        return new RunTimes(jdbc.sql("""
                        select queue, owner, extract(epoch from finished_at - coalesce(started_at, admitted_at)) as seconds
                          from jobs
                         where kind = 'TRAINING' and state in ('SUCCEEDED', 'FAILED', 'STOPPED') and admitted_at is not null
                         order by id desc limit :most""")
                .param("most", REMEMBERED_RUNS)
                .query((row, number) -> new RunTimes.Run(
                        new QueueName(row.getString("queue")),
                        row.getString("owner"),
                        Duration.ofSeconds(Math.max(0, row.getLong("seconds")))))
                .list());
    }
}
