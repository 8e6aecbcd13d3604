package io.shusuan.db.job;

import io.shusuan.db.Instants;
import io.shusuan.db.queue.QueueName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** What waiting jobs were told about when they start, and what became of it. */
@Repository
public class StartForecasts {

    /** By so many former ones a queue's are judged. */
    private static final int JUDGED = 200;

    private final JdbcClient jdbc;

    StartForecasts(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** One job that has started, and what it was told first. */
    public record Judged(QueueName queue, Duration expected, Duration waited) {}

    /**
     * How good the last ones of a queue were.
     *
     * @param jobs how many of those that were told something have started
     * @param right how many of them within what they were told, give or take a minute
     */
    public record Past(int jobs, int right) {}

    /** Nothing for a job that does not wait, or about which nothing can be told. */
    public Optional<StartForecast> of(JobId job) {
        return jdbc.sql("""
                        select f.* from forecasts f join jobs j on j.id = f.job_id
                         where f.job_id = :job and f.started_at is null and j.state = 'QUEUED'""")
                .param("job", job.value())
                .query((row, number) -> new StartForecast(
                        Instants.of(row, "told_at"),
                        Instants.of(row, "earliest"),
                        Instants.orNull(row, "expected"),
                        Instants.orNull(row, "latest")))
                .optional();
    }

    public Past past(QueueName queue) {
        return jdbc.sql("""
                        select count(*) as jobs, count(*) filter (where right_one) as right_ones from (
                            select started_at >= first_earliest - interval '1 minute'
                                   and (first_latest is null or started_at <= first_latest + interval '1 minute') as right_one
                              from forecasts where queue = :queue and started_at is not null
                             order by started_at desc limit :judged) newest""")
                .param("queue", queue.value())
                .param("judged", JUDGED)
                .query((row, number) -> new Past(row.getInt("jobs"), row.getInt("right_ones")))
                .single();
    }

    /** The newest of all queues whose start was expected at some time. */
    public List<Judged> judged(int most) {
        return jdbc.sql("""
                        select queue, extract(epoch from first_expected - first_at) as expected,
                               extract(epoch from started_at - first_at) as waited
                          from forecasts where started_at is not null and first_expected is not null
                         order by started_at desc limit :most""")
                .param("most", most)
                .query((row, number) -> new Judged(
                        new QueueName(row.getString("queue")), seconds(row, "expected"), seconds(row, "waited")))
                .list();
    }

    /** Notes who has started since it was told something, and forgets who will not. */
    public void judge() {
        jdbc.sql("""
                        update forecasts f set started_at = j.admitted_at from jobs j
                         where f.started_at is null and j.id = f.job_id and j.admitted_at > f.first_at""").update();
        jdbc.sql("""
                        delete from forecasts f using jobs j
                         where f.started_at is null and j.id = f.job_id and j.state <> 'QUEUED'""").update();
    }

    /** Tells them, whatever they were told before; who has started once, and waits again, is told as if for the first time. */
    public void tell(Map<JobId, StartForecast> forecasts) {
        var all = List.copyOf(forecasts.entrySet());
        jdbc.sql("""
                        insert into forecasts (job_id, queue, first_at, first_earliest, first_expected, first_latest,
                                               told_at, earliest, expected, latest)
                        select j.id, j.queue, n.at, n.earliest, n.expected, n.latest, n.at, n.earliest, n.expected, n.latest
                          from unnest(cast(:jobs as uuid[]), cast(:at as timestamptz[]), cast(:earliest as timestamptz[]),
                                      cast(:expected as timestamptz[]), cast(:latest as timestamptz[]))
                               as n (job, at, earliest, expected, latest)
                          join jobs j on j.id = n.job and j.state = 'QUEUED'
                        on conflict (job_id) do update
                           set told_at = excluded.told_at, earliest = excluded.earliest, expected = excluded.expected,
                               latest = excluded.latest, started_at = null,
                               first_at = case when forecasts.started_at is null
                                               then forecasts.first_at else excluded.first_at end,
                               first_earliest = case when forecasts.started_at is null
                                                     then forecasts.first_earliest else excluded.first_earliest end,
                               first_expected = case when forecasts.started_at is null
                                                     then forecasts.first_expected else excluded.first_expected end,
                               first_latest = case when forecasts.started_at is null
                                                   then forecasts.first_latest else excluded.first_latest end""")
                .param("jobs", all.stream().map(each -> each.getKey().value()).toArray(UUID[]::new))
                .param("at", texts(all, StartForecast::toldAt))
                .param("earliest", texts(all, StartForecast::earliest))
                .param("expected", texts(all, StartForecast::expected))
                .param("latest", texts(all, StartForecast::latest))
                .update();
    }

    /** Takes back what was told to these: nothing can be said about them any more. */
    public void takeBack(Collection<JobId> jobs) {
        jdbc.sql("delete from forecasts where job_id = any(:jobs) and started_at is null")
                .param("jobs", jobs.stream().map(JobId::value).toArray(UUID[]::new))
                .update();
    }

    private static @Nullable String[] texts(
            List<Map.Entry<JobId, StartForecast>> forecasts, Function<StartForecast, @Nullable Instant> time) {
        var texts = new @Nullable String[forecasts.size()];
        Arrays.setAll(texts, index -> {
            var at = time.apply(forecasts.get(index).getValue());
            return at == null ? null : at.toString();
        });
        return texts;
    }

    private static Duration seconds(ResultSet row, String column) throws SQLException {
        return Duration.ofMillis(row.getBigDecimal(column).movePointRight(3).longValue());
    }
}
