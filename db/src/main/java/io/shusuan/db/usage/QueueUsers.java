package io.shusuan.db.usage;

import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.QueueName;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** What each user has of a queue, by its accounts. */
@Repository
public class QueueUsers {

    private final JdbcClient jdbc;

    QueueUsers(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * A user.
     *
     * @param held what their jobs have now
     * @param gpuHours what these and former ones have had in this month (UTC)
     */
    public record Part(String user, Resources held, BigDecimal gpuHours) {}

    /** Who has something, or has had GPUs in this month: who holds the most GPUs first. */
    public List<Part> of(QueueName queue, Instant now, int most) {
        var month = YearMonth.from(now.atOffset(ZoneOffset.UTC))
                .atDay(1)
                .atStartOfDay()
                .atOffset(ZoneOffset.UTC);
        return jdbc.sql("""
                        select * from (
                            select owner, coalesce(sum(milli_cpus) filter (where ended is null), 0) as milli_cpus,
                                   coalesce(sum(memory_mib) filter (where ended is null), 0) as memory_mib,
                                   coalesce(sum(gpus) filter (where ended is null), 0) as gpus,
                                   coalesce(sum(gpus * extract(epoch from least(ended, :now) - greatest(began, :month))), 0) / 3600 as hours
                              from holdings
                             where queue = :queue and coalesce(ended, 'infinity') > :month
                             group by owner) parts
                         where milli_cpus > 0 or memory_mib > 0 or gpus > 0 or hours > 0
                         order by gpus desc, hours desc, owner limit :most""")
                .param("queue", queue.value())
                .param("month", month)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("most", most)
                .query((row, number) -> new Part(
                        row.getString("owner"),
                        new Resources(row.getLong("milli_cpus"), row.getLong("memory_mib"), row.getInt("gpus")),
                        row.getBigDecimal("hours").setScale(2, RoundingMode.HALF_UP)))
                .list();
    }
}
