package io.shusuan.db.notice;

import io.shusuan.db.Instants;
import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** What people are told, and what of it is still to be sent. */
@Repository
public class Notices {

    private static final String COLUMNS = "id, username, at, kind, job_id, job_name, queue, message, read_at";

    private final JdbcClient jdbc;

    Notices(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** One that is to be sent, and how often that has been tried, this time included. */
    public record Due(Notice notice, int attempt) {}

    /** @param send whether it is to be sent as well */
    public void add(Job job, NoticeKind kind, String message, Instant now, boolean send) {
        jdbc.sql("""
                        insert into notices (username, at, kind, job_id, job_name, queue, message, next_try)
                        values (:user, :at, :kind, :job, :name, :queue, :message, :next)""")
                .param("user", job.owner())
                .param("at", stored(now))
                .param("kind", kind.name())
                .param("job", job.id().value())
                .param("name", job.name().value())
                .param("queue", job.queue().value())
                .param("message", message)
                .param("next", send ? stored(now) : null, Types.TIMESTAMP_WITH_TIMEZONE)
                .update();
    }

    /** The newest first. */
    public List<Notice> of(String user, int most) {
        return jdbc.sql("select " + COLUMNS + " from notices where username = :user order by id desc limit :most")
                .param("user", user)
                .param("most", most)
                .query((row, number) -> notice(row))
                .list();
    }

    public long unread(String user) {
        return jdbc.sql("select count(*) from notices where username = :user and read_at is null")
                .param("user", user)
                .query(Long.class)
                .single();
    }

    /** They have read all up to this one. */
    public void read(String user, long upTo, Instant now) {
        jdbc.sql("""
                        update notices set read_at = :now
                         where username = :user and id <= :id and read_at is null""")
                .param("now", stored(now))
                .param("user", user)
                .param("id", upTo)
                .update();
    }

    /**
     * Takes the next one that is to be sent: until {@code retry} nobody else does, and then anybody may, should this replica not
     * have come to say what became of it.
     */
    public Optional<Due> take(Instant now, Instant retry) {
        return jdbc.sql("""
                        update notices set attempts = attempts + 1, next_try = :retry
                         where id = (select id from notices where next_try <= :now
                                      order by next_try, id limit 1 for update skip locked)
                        returning %s, attempts""".formatted(COLUMNS))
                .param("retry", stored(retry))
                .param("now", stored(now))
                .query((row, number) -> new Due(notice(row), row.getInt("attempts")))
                .optional();
    }

    public void delivered(long id, Instant now) {
        jdbc.sql("update notices set delivered_at = :now, next_try = null where id = :id")
                .param("now", stored(now))
                .param("id", id)
                .update();
    }

    /** @param next null to try no more */
    public void failed(long id, @Nullable Instant next) {
        jdbc.sql("update notices set next_try = :next where id = :id")
                .param("next", next == null ? null : stored(next), Types.TIMESTAMP_WITH_TIMEZONE)
                .param("id", id)
                .update();
    }

    public void forget(Instant now, Duration age) {
        jdbc.sql("delete from notices where at < :before")
                .param("before", stored(now.minus(age)))
                .update();
    }

    private static Notice notice(ResultSet row) throws SQLException {
        return new Notice(
                row.getLong("id"),
                row.getString("username"),
                Instants.of(row, "at"),
                NoticeKind.valueOf(row.getString("kind")),
                new JobId(row.getObject("job_id", UUID.class)),
                row.getString("job_name"),
                row.getString("queue"),
                row.getString("message"),
                Instants.orNull(row, "read_at"));
    }

    private static OffsetDateTime stored(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
