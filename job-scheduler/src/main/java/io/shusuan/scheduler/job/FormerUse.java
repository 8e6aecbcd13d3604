package io.shusuan.scheduler.job;

import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.sharing.QueueSettings;
import io.shusuan.scheduler.sharing.Sharing;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * What each queue has used on average, what was used a day ago counting half: so that who has borrowed for long stands behind whom has not.
 * Only of queues in cohorts, since others borrow nothing.
 */
@Component
class FormerUse {

    /** As the simulation has it, by which it can be tried out. */
    private static final Duration HALF_LIFE = Duration.ofDays(1);

    /** What was used before counts for less than a hundredth. */
    private static final Duration REMEMBERED = HALF_LIFE.multipliedBy(7);

    /** An average over days moves slowly. */
    private static final Duration AGE = Duration.ofMinutes(1);

    private final JdbcClient jdbc;
    private volatile Averages known = Averages.NONE;

    FormerUse(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    private record Averages(Instant read, Set<String> queues, Map<QueueName, Limits> byQueue) {

        static final Averages NONE = new Averages(Instant.EPOCH, Set.of(), Map.of());
    }

    Map<QueueName, Limits> of(Sharing shares, Instant now) {
        Set<String> queues = shares.queues().stream()
                .filter(queue -> queue.cohort() != null)
                .map(QueueSettings::name)
                .map(QueueName::value)
                .collect(Collectors.toSet());
        var before = known;
        if (before.queues().equals(queues) && now.isBefore(before.read().plus(AGE))) {
            return before.byQueue();
        }
        var averages = new Averages(now, queues, queues.isEmpty() ? Map.of() : read(queues, now));
        known = averages;
        return averages.byQueue();
    }

    /**
     * The integral of what was held, by the time it was held, times a weight that halves each day and is one in all. In floating point: PostgreSQL's
     * exact numbers take ten times as long for that.
     */
    private Map<QueueName, Limits> read(Set<String> queues, Instant now) {
        var averages = new HashMap<QueueName, Limits>();
        jdbc.sql("""
                        select queue, sum(milli_cpus * weight) as milli_cpus, sum(memory_mib * weight) as memory_mib,
                               sum(gpus * weight) as gpus
                          from (select queue, milli_cpus, memory_mib, gpus,
                                       0.5::float8 ^ (extract(epoch from :now - least(ended, :now))::float8 / :half)
                                     - 0.5::float8 ^ (extract(epoch from :now - greatest(began, :since))::float8 / :half) as weight
                                  from holdings
                                 where queue = any(:queues) and coalesce(ended, 'infinity') > :since and began < :now) held
                         group by queue""")
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("since", now.minus(REMEMBERED).atOffset(ZoneOffset.UTC))
                .param("half", HALF_LIFE.toSeconds())
                .param("queues", queues.toArray(String[]::new))
                .query(row -> {
                    averages.put(
                            new QueueName(row.getString("queue")),
                            new Limits(
                                    Math.round(row.getDouble("milli_cpus")),
                                    Math.round(row.getDouble("memory_mib")),
                                    Math.round(row.getDouble("gpus"))));
                });
        return averages;
    }
}
