package io.shusuan.db.queue;

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
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Cycles of the queue as they were kept, the oldest first; bounded by their bytes and their age. */
@Repository
public class Cycles {

    /** So many are read at once, since they may be large. */
    private static final int PAGE = 16;

    private final JdbcClient jdbc;

    Cycles(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * What is seen of a cycle from outside.
     *
     * @param whole whether it stands by itself; others say what differs from the one before
     * @param leaving how many jobs were told to leave
     */
    public record Cycle(Instant at, boolean whole, int waiting, int running, int admitted, int leaving) {}

    /** One that was kept. */
    public record Kept(long id, Cycle cycle, int bytes) {}

    /**
     * A job that a cycle was about.
     *
     * @param given whether it was given room, if only when others have left; otherwise it was told to leave
     */
    public record Act(JobId job, QueueName queue, boolean given) {}

    /**
     * Which cycles are looked for.
     *
     * @param queue only those that gave room to its jobs or told them to leave; null for any
     * @param jobs only those that did so with one of these, or in which it waited; null for any
     */
    public record Wanted(
            @Nullable QueueName queue, @Nullable Collection<JobId> jobs) {

        public static final Wanted ALL = new Wanted(null, null);
    }

    /** Takes what a cycle consists of; may throw to end the reading. */
    public interface Reader<E extends Exception> {
        void read(long id, byte[] content) throws E;
    }

    private record Content(long id, byte[] bytes) {}

    public void add(Cycle cycle, byte[] content, List<Act> acts) {
        var id = jdbc.sql("""
                        insert into cycles (at, whole, waiting, running, admitted, leaving, bytes, content)
                        values (:at, :whole, :waiting, :running, :admitted, :leaving, :bytes, :content) returning id""")
                .param("at", cycle.at().atOffset(ZoneOffset.UTC))
                .param("whole", cycle.whole())
                .param("waiting", cycle.waiting())
                .param("running", cycle.running())
                .param("admitted", cycle.admitted())
                .param("leaving", cycle.leaving())
                .param("bytes", content.length)
                .param("content", content)
                .query(Long.class)
                .single();
        jdbc.sql("""
                        insert into cycle_acts (cycle, job, queue, given)
                        select :cycle, job, queue, given
                          from unnest(cast(:jobs as uuid[]), cast(:queues as text[]), cast(:given as boolean[])) as acts (job, queue, given)
                        on conflict do nothing""") // who was told to leave for two others was told once
                .param("cycle", id)
                .param("jobs", acts.stream().map(act -> act.job().toString()).toArray(String[]::new))
                .param("queues", acts.stream().map(act -> act.queue().value()).toArray(String[]::new))
                .param(
                        "given",
                        acts.stream().map(act -> Boolean.toString(act.given())).toArray(String[]::new))
                .update();
    }

    /** The newest before one of them, or of all. */
    public List<Kept> before(long id, Wanted wanted, int most) {
        var where = new StringBuilder("c.id < :before");
        var values = new HashMap<String, Object>();
        if (wanted.queue() != null) {
            where.append(" and exists (select from cycle_acts a where a.cycle = c.id and a.queue = :queue)");
            values.put("queue", wanted.queue().value());
        }
        if (wanted.jobs() != null) {
            // A cycle's time is from before it reads who waits, which may take a while.
            where.append(' ').append("""
                    and (exists (select from cycle_acts a where a.cycle = c.id and a.job = any(:jobs))
                          or exists (select from jobs j
                                      where j.id = any(:jobs)
                                        and c.at between j.created_at - interval '5 seconds' and coalesce(j.admitted_at, j.finished_at, 'infinity')))""");
            values.put("jobs", wanted.jobs().stream().map(JobId::value).toArray(UUID[]::new));
        }
        return jdbc.sql("""
                        select id, at, whole, waiting, running, admitted, leaving, bytes from cycles c
                         where %s order by id desc limit :most""".formatted(where))
                .param("before", id)
                .param("most", most)
                .params(values)
                .query((row, number) -> kept(row))
                .list();
    }

    /** The newest cycles in which one of these jobs was given room. */
    public List<Long> giving(Collection<JobId> jobs, int most) {
        return jdbc.sql("""
                        select distinct cycle from cycle_acts where given and job = any(:jobs) order by cycle desc limit :most""")
                .param("jobs", jobs.stream().map(JobId::value).toArray(UUID[]::new))
                .param("most", most)
                .query((row, number) -> row.getLong("cycle"))
                .list();
    }

    /** One of them, and those that are needed to understand it; nothing, if it is not kept. */
    public <E extends Exception> void read(long id, Reader<E> reader) throws E {
        var last = jdbc.sql("select coalesce((select max(id) from cycles where whole and id <= :id), 0) - 1")
                .param("id", id)
                .query(Long.class)
                .single();
        for (var page = page(last, id); !page.isEmpty(); page = page(last, id)) {
            for (var each : page) {
                reader.read(each.id, each.bytes);
                last = each.id;
            }
        }
    }

    private static Kept kept(ResultSet row) throws SQLException {
        return new Kept(
                row.getLong("id"),
                new Cycle(
                        Instants.of(row, "at"),
                        row.getBoolean("whole"),
                        row.getInt("waiting"),
                        row.getInt("running"),
                        row.getInt("admitted"),
                        row.getInt("leaving")),
                row.getInt("bytes"));
    }

    /** All of them from a time on, and those that are needed to understand the first. */
    public <E extends Exception> void read(Instant from, Reader<E> reader) throws E {
        var last = jdbc.sql("""
                        select coalesce((select max(id) from cycles where whole and at <= :from),
                                        (select min(id) from cycles), 0) - 1""")
                .param("from", from.atOffset(ZoneOffset.UTC))
                .query(Long.class)
                .single();
        for (var page = page(last, Long.MAX_VALUE); !page.isEmpty(); page = page(last, Long.MAX_VALUE)) {
            for (var each : page) {
                reader.read(each.id, each.bytes);
                last = each.id;
            }
        }
    }

    private List<Content> page(long after, long last) {
        return jdbc.sql("select id, content from cycles where id > :after and id <= :last order by id limit :page")
                .param("after", after)
                .param("last", last)
                .param("page", PAGE)
                .query((row, number) -> new Content(row.getLong("id"), row.getBytes("content")))
                .list();
    }

    /** Forgets the oldest, together with those that say only what differs from them; the newest are kept in any case. */
    public int forget(long mostBytes, Instant now, Duration age) {
        return jdbc.sql("""
                        with sized as (select id, whole, at, sum(bytes) over (order by id desc) as behind from cycles)
                        delete from cycles
                         where id < coalesce((select min(id) from sized where whole and behind <= :most and at >= :since),
                                             (select max(id) from cycles where whole))""")
                .param("most", mostBytes)
                .param("since", now.minus(age).atOffset(ZoneOffset.UTC))
                .update();
    }
}
