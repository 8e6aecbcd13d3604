package io.shusuan.db.usage;

import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Sums of what was held. A holding counts for the part of it that lies in the period, one that goes on up to now; an eviction
 * counts when it happened.
 */
@Repository
public class Accounts {

    private static final String LARGEST_FIRST = "sum(gpu) desc, sum(cpu) desc, key";

    private final JdbcClient jdbc;

    Accounts(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Whose accounts; null is everybody's. */
    public record Filter(@Nullable String queue, @Nullable String user) {

        public static final Filter ALL = new Filter(null, null);

        private String with(String queueColumn, String userColumn) {
            return (queue == null ? "true" : queueColumn + " = :queue")
                    + (user == null ? "" : " and " + userColumn + " = :user");
        }
    }

    /** The largest sums first; days in their order, those on which nothing was held left out. */
    public List<Usage> sums(Period period, Grouping by, Filter filter, int limit) {
        var days = by == Grouping.DAY ? period.days() : List.of(period.first());
        Map<String, Object> values = new HashMap<>();
        values.put("days", texts(days, LocalDate::toString));
        values.put("starts", texts(days, day -> period.beginOf(day).toString()));
        values.put("stops", texts(days, day -> end(period, by, day).toString()));
        values.put("limit", limit);
        if (filter.queue() != null) {
            values.put("queue", filter.queue());
        }
        if (filter.user() != null) {
            values.put("user", filter.user());
        }
        return jdbc.sql(statement(by, filter))
                .params(values)
                .query((row, number) -> new Usage(
                        row.getString("key"),
                        row.getString("name"),
                        row.getLong("jobs"),
                        row.getDouble("gpu"),
                        row.getDouble("cpu"),
                        row.getDouble("memory"),
                        row.getDouble("wasted"),
                        row.getDouble("charged")))
                .list();
    }

    /** The period is cut into its days where they are asked for one by one, and else is one piece. */
    private static String statement(Grouping by, Filter filter) {
        return """
                with pieces as (
                    select * from unnest(cast(:days as text[]), cast(:starts as timestamptz[]), cast(:stops as timestamptz[]))
                               as piece (day, starts, stops)
                ), held as (
                    select h.*, day,
                           extract(epoch from least(coalesce(ended, now()), stops) - greatest(began, starts)) / 3600.0 as hours
                      from pieces join holdings h on tstzrange(began, ended) && tstzrange(starts, stops)
                     where began < now() and starts < now()
                ), evicted as (
                    select e.*, day, wasted_gpu_seconds / 3600.0 as hours
                      from pieces join evictions e on at >= starts and at < stops
                ), parts as (
                    select %1$s as key, %2$s as name, job_id, gpus * hours as gpu, milli_cpus * hours / 1000 as cpu,
                           memory_mib * hours / 1024 as memory, 0 as wasted, 0 as charged
                      from held where %5$s
                    union all
                    select %3$s, %2$s, null, 0, 0, 0, hours, 0 from evicted where %5$s
                    union all
                    select %4$s, %8$s, null, 0, 0, 0, 0, hours from evicted where preemptor is not null and %6$s
                )
                select key, max(name) as name, count(distinct job_id) as jobs, sum(gpu) as gpu, sum(cpu) as cpu,
                       sum(memory) as memory, sum(wasted) as wasted, sum(charged) as charged
                  from parts where key is not null
                 group by key
                 order by %7$s
                 limit :limit""".formatted(
                        by.key,
                        by.named("job_name"),
                        by.loser,
                        by.preemptor,
                        filter.with("queue", "owner"),
                        filter.with("preemptor_queue", "preemptor_owner"),
                        by == Grouping.DAY ? "key" : LARGEST_FIRST,
                        by.named("preemptor_name"));
    }

    private static Instant end(Period period, Grouping by, LocalDate day) {
        return by == Grouping.DAY ? period.beginOf(day.plusDays(1)) : period.ends();
    }

    private static String[] texts(List<LocalDate> days, Function<LocalDate, String> text) {
        return days.stream().map(text).toArray(String[]::new);
    }
}
