package io.shusuan.api.observation;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.shusuan.db.job.JobState;
import io.shusuan.scheduler.job.JobChanged;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.event.TransactionalEventListener;

/**
 * How many jobs are in which state, and how long they waited. Read every few seconds in two statements, whatever the number
 * of jobs, of changes and of scrapes; each replica of the platform tells the same of the states.
 */
@Component
class JobMeters {

    private static final Logger log = LoggerFactory.getLogger(JobMeters.class);
    private static final int MAX_REMEMBERED = 20_000;

    /** Literally in the statement, so that the planner sees the index of active jobs. */
    private static final String ACTIVE =
            JobState.ACTIVE.stream().map(state -> "'" + state.name() + "'").collect(Collectors.joining(", "));

    private final JdbcClient jdbc;
    private final Instant since;
    private final MultiGauge states;
    private final Timer waiting;

    /** What the gauges show; for the thread that reads. */
    private final Map<Tags, AtomicLong> numbers = new HashMap<>();

    @GuardedBy("this")
    private Set<UUID> changed = new HashSet<>();

    private final Set<UUID> counted = Collections.newSetFromMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, Boolean> eldest) {
            return size() > MAX_REMEMBERED;
        }
    });

    JobMeters(JdbcClient jdbc, MeterRegistry meters, Clock clock) {
        this.jdbc = jdbc;
        this.since = clock.instant();
        this.states = MultiGauge.builder("shusuan.jobs")
                .description("active jobs by state, kind and queue")
                .register(meters);
        this.waiting = Timer.builder("shusuan.jobs.waiting")
                .description("time from the submission of a job to its admission")
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(10))
                .maximumExpectedValue(Duration.ofDays(1))
                .register(meters);
    }

    /** Only takes a note: the thread that comes by here still holds its connection to the database. */
    @TransactionalEventListener
    synchronized void changed(JobChanged change) {
        if (changed.size() < MAX_REMEMBERED) {
            changed.add(change.job().value());
        }
    }

    @Scheduled(initialDelay = 1000, fixedDelayString = "${shusuan.meters.period:5000}")
    void read() {
        try {
            tell(counts());
            waited(drain());
        } catch (DataAccessException | TransactionException away) {
            log.debug("the jobs cannot be counted: {}", away.toString());
            tell(Map.of());
        }
    }

    private Map<Tags, Long> counts() {
        var counts = new HashMap<Tags, Long>();
        jdbc.sql("select state, kind, queue, count(*) as n from jobs where state in (" + ACTIVE
                        + ") group by state, kind, queue")
                .query(row -> {
                    counts.put(
                            Tags.of(
                                    "state", row.getString("state"),
                                    "kind", row.getString("kind"),
                                    "queue", row.getString("queue")),
                            row.getLong("n"));
                });
        return counts;
    }

    /** A gauge that is there stays: were it made anew, a scrape at that moment would find it twice, which is an error. */
    private void tell(Map<Tags, Long> counts) {
        numbers.keySet().retainAll(counts.keySet());
        counts.forEach((tags, count) ->
                numbers.computeIfAbsent(tags, fresh -> new AtomicLong()).set(count));
        states.register(numbers.entrySet().stream()
                .map(number -> MultiGauge.Row.of(number.getKey(), number.getValue()))
                .collect(Collectors.toList()));
    }

    private synchronized Set<UUID> drain() {
        var drained = changed;
        changed = new HashSet<>();
        return drained;
    }

    private void waited(Set<UUID> jobs) {
        jobs.removeAll(counted);
        if (jobs.isEmpty()) {
            return;
        }
        jdbc.sql("select id, created_at, admitted_at from jobs where id in (:ids) and admitted_at >= :since")
                .param("ids", jobs)
                .param("since", OffsetDateTime.ofInstant(since, ZoneOffset.UTC))
                .query(row -> {
                    counted.add(row.getObject("id", UUID.class));
                    waiting.record(Duration.between(
                            row.getObject("created_at", OffsetDateTime.class),
                            row.getObject("admitted_at", OffsetDateTime.class)));
                });
    }
}
