package io.shusuan.db.usage;

import io.shusuan.db.queue.QueueName;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** What a queue used of what it owned over time: from what its jobs held, and from what was said of it. */
@Repository
public class Timelines {

    /** More take too much memory at once. */
    private static final int MOST_CHANGES = 400_000;

    private final JdbcClient jdbc;

    public Timelines(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** There is more to sum than can be done at once. */
    public static final class TooMuchException extends RuntimeException {

        private static final long serialVersionUID = 1;

        TooMuchException() {
            super("the jobs of the queue began and ended more than %,d times in that time: ask for less of it"
                    .formatted(MOST_CHANGES));
        }
    }

    private record Change(double at, String flavour, long gpus) {}

    /** @param quotas null for no limit */
    private record Owned(double at, @Nullable Map<String, Long> quotas) {}

    /**
     * In whole seconds.
     *
     * @param to not later than now; the last step may be cut short by it
     */
    public Timeline of(QueueName queue, Instant from, Instant to, Duration step) {
        var steps = (int) Math.ceilDiv(Duration.between(from, to).toSeconds(), step.toSeconds());
        var sweep = new Sweep(from, to, step.toSeconds(), steps);
        var changes = changes(queue, from, to).iterator();
        var owned = owned(queue, to);
        var next = changes.hasNext() ? changes.next() : null;
        for (var quotas : owned) {
            for (; next != null && next.at() <= quotas.at(); next = changes.hasNext() ? changes.next() : null) {
                sweep.hold(next.at(), next.flavour(), next.gpus());
            }
            sweep.own(quotas.at(), quotas.quotas());
        }
        for (; next != null; next = changes.hasNext() ? changes.next() : null) {
            sweep.hold(next.at(), next.flavour(), next.gpus());
        }
        return new Timeline(from, to, step, sweep.points());
    }

    /** What was held before counts from the beginning on. */
    private List<Change> changes(QueueName queue, Instant from, Instant to) {
        var changes = jdbc.sql("""
                        select extract(epoch from at)::float8 as at, flavour, sum(gpus)::bigint as gpus
                          from (select greatest(began, :from) as at, flavour, gpus from holdings
                                 where queue = :queue and gpus > 0 and coalesce(ended, 'infinity') > :from and began < :to
                                union all
                                select ended, flavour, -gpus from holdings
                                 where queue = :queue and gpus > 0 and coalesce(ended, 'infinity') > :from and began < :to
                                   and ended < :to) each
                         group by at, flavour having sum(gpus) <> 0 order by at limit :most""")
                .param("queue", queue.value())
                .param("from", from.atOffset(ZoneOffset.UTC))
                .param("to", to.atOffset(ZoneOffset.UTC))
                .param("most", MOST_CHANGES + 1)
                .query((row, number) -> new Change(row.getDouble("at"), row.getString("flavour"), row.getLong("gpus")))
                .list();
        if (changes.size() > MOST_CHANGES) {
            throw new TooMuchException();
        }
        return changes;
    }

    /** A queue without quotas, or with a flavour of which it may have any number, has no limit. */
    private List<Owned> owned(QueueName queue, Instant to) {
        record Line(
                long id,
                double at,
                @Nullable String flavour,
                @Nullable Long gpus) {}
        var lines = jdbc.sql("""
                        select h.id, extract(epoch from h.at)::float8 as at, quota.key as flavour,
                               (quota.value #>> '{nominal,gpus}')::bigint as gpus
                          from settings_history h left join lateral jsonb_each(h.settings -> 'quotas') quota on true
                         where h.kind = 'QUEUE' and h.name = :queue and h.at < :to order by h.id""")
                .param("queue", queue.value())
                .param("to", to.atOffset(ZoneOffset.UTC))
                .query((row, number) -> new Line(
                        row.getLong("id"),
                        row.getDouble("at"),
                        row.getString("flavour"),
                        row.getObject("gpus", Long.class)))
                .list();
        var owned = new ArrayList<Owned>();
        lines.stream()
                .collect(Collectors.groupingBy(Line::id, LinkedHashMap::new, Collectors.toList()))
                .values()
                .forEach(of -> {
                    var quotas = new HashMap<String, Long>();
                    for (var line : of) {
                        if (line.flavour() != null && line.gpus() != null) {
                            quotas.put(line.flavour(), line.gpus());
                        }
                    }
                    owned.add(new Owned(of.getFirst().at(), quotas.size() < of.size() ? null : quotas));
                });
        owned.sort(Comparator.comparingDouble(Owned::at));
        return owned;
    }
}
