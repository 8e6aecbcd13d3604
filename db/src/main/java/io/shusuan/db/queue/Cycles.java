package io.shusuan.db.queue;

import io.shusuan.db.Instants;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
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

    /** Takes what a cycle consists of; may throw to end the reading. */
    public interface Reader<E extends Exception> {
        void read(long id, byte[] content) throws E;
    }

    private record Content(long id, byte[] bytes) {}

    public void add(Cycle cycle, byte[] content) {
        jdbc.sql("""
                        insert into cycles (at, whole, waiting, running, admitted, leaving, bytes, content)
                        values (:at, :whole, :waiting, :running, :admitted, :leaving, :bytes, :content)""")
                .param("at", cycle.at().atOffset(ZoneOffset.UTC))
                .param("whole", cycle.whole())
                .param("waiting", cycle.waiting())
                .param("running", cycle.running())
                .param("admitted", cycle.admitted())
                .param("leaving", cycle.leaving())
                .param("bytes", content.length)
                .param("content", content)
                .update();
    }

    /** The newest before one of them, or of all. */
    public List<Kept> before(long id, int most) {
        return jdbc.sql("""
                        select id, at, whole, waiting, running, admitted, leaving, bytes from cycles
                         where id < :before order by id desc limit :most""")
                .param("before", id)
                .param("most", most)
                .query((row, number) -> kept(row))
                .list();
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
        for (var page = page(last); !page.isEmpty(); page = page(last)) {
            for (var each : page) {
                reader.read(each.id, each.bytes);
                last = each.id;
            }
        }
    }

    private List<Content> page(long after) {
        return jdbc.sql("select id, content from cycles where id > :after order by id limit :page")
                .param("after", after)
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
