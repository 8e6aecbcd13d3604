package io.shusuan.scheduler.job;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.shusuan.db.job.JobChanges;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Jobs;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import java.time.Clock;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Looks for tasks that live though their job holds nothing any more: a replica that was stalled may have said to the cluster
 * what was true a while ago. Found twice in a row, they are stopped. Jobs that the database does not know are left alone:
 * it may be the wrong database. For one thread.
 */
@Component
class LedgerCheck {

    private static final Logger log = LoggerFactory.getLogger(LedgerCheck.class);

    private final Cluster cluster;
    private final Jobs jobs;
    private final JobChanges changes;
    private final JdbcClient jdbc;
    private final LeaderTransaction transaction;
    private final ApplicationEventPublisher events;
    private final Clock clock;
    private final Counter strays;
    private Set<JobId> suspects = Set.of();

    LedgerCheck(
            Cluster cluster,
            Jobs jobs,
            JobChanges changes,
            JdbcClient jdbc,
            LeaderTransaction transaction,
            ApplicationEventPublisher events,
            Clock clock,
            MeterRegistry meters) {
        this.cluster = cluster;
        this.jobs = jobs;
        this.changes = changes;
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.events = events;
        this.clock = clock;
        this.strays = Counter.builder("shusuan.ledger.strays")
                .description("jobs whose tasks lived on though they held nothing any more, and were stopped")
                .register(meters);
    }

    void run() {
        try {
            var found = new HashSet<JobId>();
            for (var id : holdingNothing(cluster.jobs())) {
                if (lives(id)) {
                    found.add(id);
                    if (suspects.contains(id)) {
                        stop(id);
                    }
                }
            }
            suspects = found;
        } catch (ClusterUnavailableException away) {
            log.debug("the ledger is compared later: {}", away.getMessage());
        }
    }

    /** Whoever ended long ago was looked at before. */
    private List<JobId> holdingNothing(Collection<JobId> known) {
        return jdbc.sql("""
                        select id from jobs
                         where id = any(:ids)
                           and (state = 'QUEUED' or finished_at > now() - interval '1 hour')""")
                .param("ids", known.stream().map(JobId::value).toArray(UUID[]::new))
                .query((row, number) -> new JobId(row.getObject("id", UUID.class)))
                .list();
    }

    private boolean lives(JobId id) throws ClusterUnavailableException {
        return cluster.observe(id).stream()
                .flatMap(observation -> observation.attempts().stream())
                .anyMatch(attempt -> !attempt.phase().isFinal());
    }

    private void stop(JobId id) throws ClusterUnavailableException {
        log.warn("job {} holds nothing, but tasks of it live: they are stopped", id);
        cluster.stop(id, Cluster.DEFAULT_GRACE);
        strays.increment();
        transaction.executeWithoutResult(() -> tell(id));
    }

    private void tell(JobId id) {
        jobs.find(id).ifPresent(job -> {
            job.warn(
                    clock.instant(),
                    "StrayTasks",
                    "tasks of it lived on after it had given back its resources: they were stopped");
            changes.tell(job);
            events.publishEvent(JobChanged.of(job));
        });
    }
}
