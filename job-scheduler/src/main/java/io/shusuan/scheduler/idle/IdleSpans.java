package io.shusuan.scheduler.idle;

import io.shusuan.db.Instants;
import io.shusuan.db.job.JobId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The spans as they are kept, and what is known from them of whole jobs. */
@Repository
class IdleSpans {

    private static final String GPUS_BY_NODE = """
            jobs j
             cross join lateral (select p.node, sum(p.tasks * r.gpus) as gpus
                                   from jsonb_to_recordset(j.placement) as p (role text, node text, tasks integer)
                                   join task_roles r on r.job_id = j.id and r.name = p.role
                                  group by p.node having sum(p.tasks * r.gpus) > 0) held""";

    private final JdbcClient jdbc;

    IdleSpans(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** A job on a node. */
    record Place(JobId job, String node) {}

    /** What is known of a job on a node. */
    record Kept(Place place, int run, IdleSpan span) {}

    /** Who holds GPUs of the nodes on which these queues have some, by node. */
    Map<String, List<Holder>> holders(Collection<String> watchedQueues) {
        record OnNode(String node, Holder holder) {}
        return jdbc
                .sql("""
                        select * from (
                            select j.id, j.run, j.state, j.started_at, j.queue = any(:queues) as watched, held.node, held.gpus,
                                   bool_or(j.queue = any(:queues)) over (partition by held.node) as is_watched
                              from %s
                             where j.state in ('ADMITTED', 'STARTING', 'RUNNING', 'STOPPING') and j.gpus > 0) holders
                         where is_watched""".formatted(GPUS_BY_NODE))
                .param("queues", watchedQueues.toArray(String[]::new))
                .query((row, number) -> new OnNode(
                        row.getString("node"),
                        new Holder(
                                new JobId(row.getObject("id", UUID.class)),
                                row.getInt("run"),
                                row.getString("state").equals("RUNNING") ? Instants.orNull(row, "started_at") : null,
                                row.getInt("gpus"),
                                row.getBoolean("watched"))))
                .list()
                .stream()
                .collect(Collectors.groupingBy(OnNode::node, Collectors.mapping(OnNode::holder, Collectors.toList())));
    }

    /** Which job a pod is of: an attempt's uid is that of its pod. */
    Map<String, JobId> jobsOf(Collection<String> pods) {
        var found = new HashMap<String, JobId>();
        if (!pods.isEmpty()) {
            jdbc.sql("""
                            select a.uid, a.job_id from attempts a join jobs j on j.id = a.job_id
                             where j.state in ('ADMITTED', 'STARTING', 'RUNNING', 'STOPPING') and a.uid = any(:pods)""").param("pods", pods.toArray(String[]::new)).query(row -> {
                found.put(row.getString("uid"), new JobId(row.getObject("job_id", UUID.class)));
            });
        }
        return found;
    }

    /** What is kept of some jobs, which nobody else changes until the transaction ends. */
    Map<Place, Kept> lock(Collection<JobId> jobs) {
        return jdbc
                .sql("""
                        select job_id, run, node, since, told, extract(epoch from missed) as missed, seen_at from gpu_idleness
                         where job_id = any(:jobs) order by job_id, node for update""")
                .param("jobs", jobs.stream().map(JobId::value).toArray(UUID[]::new))
                .query((row, number) -> new Kept(
                        new Place(new JobId(row.getObject("job_id", UUID.class)), row.getString("node")),
                        row.getInt("run"),
                        new IdleSpan(
                                Instants.orNull(row, "since"),
                                Instants.orNull(row, "told"),
                                Duration.ofMillis(row.getBigDecimal("missed")
                                        .movePointRight(3)
                                        .longValue()),
                                Instants.of(row, "seen_at"))))
                .list()
                .stream()
                .collect(Collectors.toMap(Kept::place, Function.identity()));
    }

    /** A report that is older than what is kept changes nothing. */
    void keep(List<Kept> news) {
        jdbc.sql("""
                        insert into gpu_idleness (job_id, run, node, since, told, missed, seen_at)
                        select job_id, run, node, since, told, make_interval(secs => missed), seen_at
                          from unnest(cast(:jobs as uuid[]), cast(:runs as integer[]), cast(:nodes as text[]), cast(:since as timestamptz[]),
                                      cast(:told as timestamptz[]), cast(:missed as double precision[]), cast(:seen as timestamptz[]))
                               as news (job_id, run, node, since, told, missed, seen_at)
                         where exists (select 1 from jobs where jobs.id = news.job_id)
                         order by job_id, node
                        on conflict (job_id, node) do update
                           set run = excluded.run, since = excluded.since, told = excluded.told, missed = excluded.missed,
                               seen_at = excluded.seen_at
                         where excluded.seen_at > gpu_idleness.seen_at""")
                .param("jobs", texts(news, each -> each.place().job().toString()))
                .param("runs", texts(news, each -> Integer.toString(each.run())))
                .param("nodes", texts(news, each -> each.place().node()))
                .param("since", texts(news, each -> text(each.span().since())))
                .param("told", texts(news, each -> text(each.span().told())))
                .param(
                        "missed",
                        texts(news, each -> Double.toString(each.span().missed().toMillis() / 1000.0)))
                .param("seen", texts(news, each -> text(each.span().seenAt())))
                .update();
    }

    private static @Nullable String[] texts(List<Kept> news, Function<Kept, @Nullable String> text) {
        return news.stream().map(text).toArray(String[]::new);
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }

    /** Forgets what was kept of runs that have ended. */
    void forget() {
        jdbc.sql("""
                        delete from gpu_idleness i
                         where not exists (select 1 from jobs j where j.id = i.job_id and j.run = i.run and j.state = 'RUNNING')""").update();
    }

    /** Who runs in these queues with GPUs, and who was warned; the oldest first. */
    List<Idleness> of(Collection<String> queues, Instant fresh) {
        return idleness(
                "(j.queue = any(:queues) or j.idle_since is not null)",
                fresh,
                Map.of("queues", queues.toArray(String[]::new)));
    }

    Optional<Idleness> of(JobId job, Instant fresh) {
        return idleness("j.id = :job", fresh, Map.of("job", job.value())).stream()
                .findFirst();
    }

    private List<Idleness> idleness(String which, Instant fresh, Map<String, Object> values) {
        return jdbc.sql("""
                        select j.id, j.queue, j.idle_since, j.idle_stops_at, sum(held.gpus) as gpus,
                               string_agg(held.node, ', ' order by held.node) as nodes,
                               bool_and(coalesce(i.seen_at >= :fresh, false)) as measured,
                               bool_or(i.seen_at >= :fresh and i.since is null) as works,
                               max(i.since) as since,
                               extract(epoch from min(i.seen_at) - max(i.since) - max(i.missed)) as seconds
                          from %s
                          left join gpu_idleness i on i.job_id = j.id and i.run = j.run and i.node = held.node
                         where j.state = 'RUNNING' and j.gpus > 0 and %s
                         group by j.id order by j.id""".formatted(GPUS_BY_NODE, which))
                .params(values)
                .param("fresh", fresh.atOffset(ZoneOffset.UTC))
                .query((row, number) -> new Idleness(
                        new JobId(row.getObject("id", UUID.class)),
                        row.getString("queue"),
                        row.getInt("gpus"),
                        row.getString("nodes"),
                        measured(row),
                        Instants.orNull(row, "idle_since"),
                        Instants.orNull(row, "idle_stops_at")))
                .list();
    }

    private static Idleness.Measured measured(ResultSet row) throws SQLException {
        if (row.getBoolean("works")) {
            return new Idleness.Works();
        }
        if (!row.getBoolean("measured")) {
            return new Idleness.Unknown();
        }
        return new Idleness.Idle(
                Instants.of(row, "since"),
                Duration.ofSeconds(Math.max(0, row.getBigDecimal("seconds").longValue())));
    }
}
