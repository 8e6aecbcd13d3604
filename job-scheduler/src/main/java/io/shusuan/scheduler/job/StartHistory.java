package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.StartForecast;
import io.shusuan.db.job.StartForecasts;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.forecast.Experience;
import io.shusuan.scheduler.forecast.RunTimes;
import io.shusuan.scheduler.queue.Moment;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What became of former jobs, and of what they were told: all that forecasts are made from beside the queue itself. */
@Component
class StartHistory {

    private static final int REMEMBERED_RUNS = 5000;
    private static final int REMEMBERED_ESTIMATES = 2000;

    private final Admission admission;
    private final StartForecasts forecasts;
    private final JdbcClient jdbc;

    StartHistory(Admission admission, StartForecasts forecasts, JdbcClient jdbc) {
        this.admission = admission;
        this.forecasts = forecasts;
        this.jdbc = jdbc;
    }

    Experience experience(Moment now) {
        return new Experience(services(), runTimes(), admission.arrivals().known(now));
    }

    Calibrations calibrations() {
        return Calibrations.of(forecasts.judged(REMEMBERED_ESTIMATES));
    }

    StartForecasts.Past past(QueueName queue, StartForecast.Basis basis) {
        return forecasts.past(queue, basis);
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
