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
import java.util.stream.Collectors;
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

    /**
     * What a job is told.
     *
     * @param room where that was found by its line, how many GPUs its queue has at most, or thousandths of cores for a job that asks for no GPU: no
     *     larger one can be told by it
     */
    public record Telling(StartForecast told, @Nullable Long room) {}

    /** Nothing for a job that does not wait, or about which nothing can be told. Whoever was told nothing itself is told what holds between its neighbours. */
    public Optional<StartForecast> of(JobId job) {
        return jdbc.sql("""
                        select f.* from forecasts f join jobs j on j.id = f.job_id
                         where f.job_id = :job and f.started_at is null and j.state = 'QUEUED'""")
                .param("job", job.value())
                .query(StartForecasts::read)
                .optional()
                .or(() -> byNeighbours(job));
    }

    private record Neighbour(boolean before, long rank, long own, StartForecast told) {}

    /** Before and behind it in its line, as far as there are some; nothing for one that is held back, or that nobody before it was told for. */
    private Optional<StartForecast> byNeighbours(JobId job) {
        var neighbours = jdbc.sql("""
                        with own as (
                            select j.id, j.queue, j.rank, j.gpus > 0 as on_gpus, ask.amount
                              from jobs j cross join lateral (
                                   select sum(case when j.gpus > 0 then r.gpus else r.milli_cpus end
                                              * coalesce(r.min_task_number, r.task_number)) as amount
                                     from task_roles r where r.job_id = j.id) ask
                             where j.id = :job and j.state = 'QUEUED'
                               and coalesce(j.reason, '') not in ('OnHold', 'Misconfigured', 'PriorityNotTaken', 'NoMatchingNode', 'Suspended',
                                   'WaitingForPodsReady', 'BudgetSpent', 'ExceedsMaxQuota')),
                        line as (
                            select f.*, j.rank, j.id, own.rank as own, (j.rank, j.id) < (own.rank, own.id) as before
                              from own join forecasts f on f.queue = own.queue join jobs j on j.id = f.job_id
                             where f.started_at is null and f.found_by = 'LINE' and f.room >= own.amount
                               and j.state = 'QUEUED' and (j.gpus > 0) = own.on_gpus)
                        (select * from line where before order by rank desc, id desc limit 1)
                        union all
                        (select * from line where not before order by rank, id limit 1)""")
                .param("job", job.value())
                .query((row, number) -> new Neighbour(
                        row.getBoolean("before"), row.getLong("rank"), row.getLong("own"), read(row, number)))
                .list();
        var before = neighbours.stream().filter(Neighbour::before).findFirst();
        var behind = neighbours.stream().filter(each -> !each.before).findFirst();
        return before.map(
                one -> behind.map(other -> between(one, other)).orElse(one.told)); // it came after all that were told
    }

    private static StartForecast between(Neighbour before, Neighbour behind) {
        var way = behind.rank - before.rank;
        return before.told.between(behind.told, way == 0 ? 0.5 : (double) (before.own - before.rank) / way);
    }

    private static StartForecast read(ResultSet row, int number) throws SQLException {
        return new StartForecast(
                StartForecast.Basis.valueOf(row.getString("found_by")),
                Instants.of(row, "told_at"),
                Instants.of(row, "earliest"),
                Instants.orNull(row, "expected"),
                Instants.orNull(row, "latest"));
    }

    /** Of those whose first estimate was found so. */
    public Past past(QueueName queue, StartForecast.Basis basis) {
        return jdbc.sql("""
                        select count(*) as jobs, count(*) filter (where right_one) as right_ones from (
                            select started_at >= first_earliest - interval '1 minute'
                                   and (first_latest is null or started_at <= first_latest + interval '1 minute') as right_one
                              from forecasts where queue = :queue and first_found_by = :basis and started_at is not null
                             order by started_at desc limit :judged) newest""")
                .param("queue", queue.value())
                .param("basis", basis.name())
                .param("judged", JUDGED)
                .query((row, number) -> new Past(row.getInt("jobs"), row.getInt("right_ones")))
                .single();
    }

    /** What those who wait were told. */
    public Map<JobId, StartForecast> told() {
        return jdbc
                .sql("select * from forecasts where started_at is null")
                .query((row, number) -> Map.entry(new JobId(row.getObject("job_id", UUID.class)), read(row, number)))
                .list()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** The newest of all queues whose start was simulated, and expected at some time. */
    public List<Judged> judged(int most) {
        return jdbc.sql("""
                        select queue, extract(epoch from first_expected - first_at) as expected,
                               extract(epoch from started_at - first_at) as waited
                          from forecasts
                         where started_at is not null and first_found_by = 'SIMULATION' and first_expected is not null
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
    public void tell(Map<JobId, Telling> news) {
        var all = List.copyOf(news.entrySet());
        jdbc.sql("""
                        insert into forecasts (job_id, queue, first_at, first_earliest, first_expected, first_latest, first_found_by,
                                               told_at, earliest, expected, latest, found_by, room)
                        select j.id, j.queue, n.at, n.earliest, n.expected, n.latest, n.basis, n.at, n.earliest, n.expected, n.latest,
                               n.basis, n.room
                          from unnest(cast(:jobs as uuid[]), cast(:at as timestamptz[]), cast(:earliest as timestamptz[]),
                                      cast(:expected as timestamptz[]), cast(:latest as timestamptz[]), :bases, :rooms)
                               as n (job, at, earliest, expected, latest, basis, room)
                          join jobs j on j.id = n.job and j.state = 'QUEUED'
                        on conflict (job_id) do update
                           set told_at = excluded.told_at, earliest = excluded.earliest, expected = excluded.expected,
                               latest = excluded.latest, found_by = excluded.found_by, room = excluded.room, started_at = null,
                               first_at = case when forecasts.started_at is null
                                               then forecasts.first_at else excluded.first_at end,
                               first_earliest = case when forecasts.started_at is null
                                                     then forecasts.first_earliest else excluded.first_earliest end,
                               first_expected = case when forecasts.started_at is null
                                                     then forecasts.first_expected else excluded.first_expected end,
                               first_latest = case when forecasts.started_at is null
                                                   then forecasts.first_latest else excluded.first_latest end,
                               first_found_by = case when forecasts.started_at is null
                                                     then forecasts.first_found_by else excluded.first_found_by end""")
                .param("jobs", all.stream().map(each -> each.getKey().value()).toArray(UUID[]::new))
                .param("at", texts(all, StartForecast::toldAt))
                .param("earliest", texts(all, StartForecast::earliest))
                .param("expected", texts(all, StartForecast::expected))
                .param("latest", texts(all, StartForecast::latest))
                .param(
                        "bases",
                        all.stream()
                                .map(each -> each.getValue().told.basis().name())
                                .toArray(String[]::new))
                .param("rooms", all.stream().map(each -> each.getValue().room).toArray(Long[]::new))
                .update();
    }

    /** Takes back what was told to these: nothing can be said about them any more. */
    public void takeBack(Collection<JobId> jobs) {
        jdbc.sql("delete from forecasts where job_id = any(:jobs) and started_at is null")
                .param("jobs", jobs.stream().map(JobId::value).toArray(UUID[]::new))
                .update();
    }

    private static @Nullable String[] texts(
            List<Map.Entry<JobId, Telling>> news, Function<StartForecast, @Nullable Instant> time) {
        var texts = new @Nullable String[news.size()];
        Arrays.setAll(texts, index -> {
            var at = time.apply(news.get(index).getValue().told);
            return at == null ? null : at.toString();
        });
        return texts;
    }

    private static Duration seconds(ResultSet row, String column) throws SQLException {
        return Duration.ofMillis(row.getBigDecimal(column).movePointRight(3).longValue());
    }
}
