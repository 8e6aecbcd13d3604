package io.shusuan.scheduler.job;

import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobChanges;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import io.shusuan.db.job.Placed;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.Decision.Admit;
import io.shusuan.scheduler.queue.Decision.Wait;
import io.shusuan.scheduler.queue.Shortage;
import io.shusuan.scheduler.queue.Waiting;
import io.shusuan.scheduler.sharing.QueueSettings;
import io.shusuan.scheduler.sharing.Sharing;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Writes what the queue has decided. The only place that turns QUEUED into ADMITTED. Whoever is not waiting any more is passed
 * over: somebody stopped or deleted it while the queue decided. So is whoever is changed at this very moment: the next cycle decides
 * about it anew.
 */
@Component
class Rulings {

    private static final Logger log = LoggerFactory.getLogger(Rulings.class);

    /** So many jobs are written in one transaction, which is quick. */
    private static final int BATCH = 100;

    private final Jobs jobs;
    private final JobChanges changes;
    private final JdbcClient jdbc;
    private final LeaderTransaction transaction;
    private final ApplicationEventPublisher events;
    private final Clock clock;

    Rulings(
            Jobs jobs,
            JobChanges changes,
            JdbcClient jdbc,
            LeaderTransaction transaction,
            ApplicationEventPublisher events,
            Clock clock) {
        this.jobs = jobs;
        this.changes = changes;
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.events = events;
        this.clock = clock;
    }

    /** Returns how many were admitted. */
    int admit(List<Admit> admitted, Sharing shares) {
        return write(admitted, Decision::job, (decision, job) -> admit(decision, job, shares))
                .size();
    }

    private void admit(Admit decision, Job job, Sharing shares) {
        try (var _ = MDC.putCloseable("job", job.id().toString())) {
            log.info(
                    "job '{}' is admitted to {}",
                    job.name(),
                    decision.placement().nodes());
        }
        var queue = shares.queue(job.queue());
        job.undisturbed(clock.instant());
        job.admit(
                decision.placement().spots().stream()
                        .map(spot -> new Placed(spot.role(), spot.flavour().value(), spot.node(), spot.tasks()))
                        .toList(),
                queue.map(QueueSettings::grace).orElse(QueueSettings.USUAL_GRACE),
                queue.map(QueueSettings::readyWithin).orElse(null),
                clock.instant());
    }

    /** Hands jobs to the schedulers that their queues are handed to. */
    void delegate(List<Waiting> waiting, Sharing shares) {
        write(
                waiting,
                Waiting::job,
                (_, job) -> shares.queue(job.queue())
                        .filter(queue -> queue.delegate() != null)
                        .ifPresent(queue -> {
                            job.undisturbed(clock.instant());
                            job.delegate(Objects.requireNonNull(queue.delegate()), queue.grace(), clock.instant());
                        }));
    }

    /** Takes a job back that waits for another scheduler. */
    void withdraw(JobId id, String why) {
        try {
            transaction.executeWithoutResult(() -> jobs.find(id)
                    .filter(job -> job.state() == JobState.SUSPENDED)
                    .ifPresent(job -> {
                        job.withdraw("taken back from %s: %s".formatted(job.delegate(), why), clock.instant());
                        changes.write(job);
                        events.publishEvent(JobChanged.of(job));
                    }));
        } catch (OptimisticLockingFailureException changedMeanwhile) {
            // The next cycle decides about it anew.
        }
    }

    /**
     * Says why they wait: to all of them by one statement, since thousands may be told anew while others could be admitted. Returns
     * those that were told.
     */
    List<Wait> tell(List<Wait> waits) {
        if (waits.isEmpty()) {
            return List.of();
        }
        var heard = transaction.execute(() -> toldTogether(waits));
        var all = new ArrayList<>(
                waits.stream().filter(wait -> heard.contains(wait.job())).toList());
        // Whoever has a condition hears that it is over, too.
        all.addAll(
                write(waits.stream().filter(wait -> !heard.contains(wait.job())).toList(), Decision::job, this::tell));
        return all;
    }

    private Set<JobId> toldTogether(List<Wait> waits) {
        var heard = jdbc.sql("""
                        with told as (
                            select * from unnest(:ids, :reasons, :messages) told (id, reason, message)),
                        line as (
                            select j.id, j.reason as before, j.message as said from jobs j join told on told.id = j.id
                             where j.state = 'QUEUED' and j.condition_reason is null
                             order by j.id for no key update of j skip locked),
                        news as (
                            update jobs j set reason = told.reason, message = told.message, version = j.version + 1
                              from told join line on line.id = told.id
                             where j.id = told.id and (line.before, line.said) is distinct from (told.reason, told.message)),
                        events as (
                            insert into job_events (job_id, at, type, reason, message)
                            select told.id, :now, 'NORMAL', told.reason, told.message
                              from told join line on line.id = told.id
                             where line.before is distinct from told.reason)
                        select id from line""")
                .param("ids", waits.stream().map(wait -> wait.job().value()).toArray(UUID[]::new))
                .param(
                        "reasons",
                        waits.stream()
                                .map(wait -> wait.shortage().reason().code())
                                .toArray(String[]::new))
                .param(
                        "messages",
                        waits.stream().map(wait -> wait.shortage().sentence()).toArray(String[]::new))
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .query((row, number) -> new JobId(row.getObject("id", UUID.class)))
                .set();
        heard.forEach(id -> events.publishEvent(new JobChanged(id, JobState.QUEUED)));
        return heard;
    }

    private void tell(Wait decision, Job job) {
        job.undisturbed(clock.instant());
        var shortage = decision.shortage();
        job.waitsBecause(shortage.reason().code(), shortage.sentence(), clock.instant());
    }

    /** Says how the cluster is away. Returns whether all heard it. */
    boolean disturb(List<JobId> waiting, String why) {
        return write(waiting, Function.identity(), (id, job) -> {
                            if (job.condition() == null) {
                                job.disturbed(Reconciler.CLUSTER_UNREACHABLE, why, clock.instant());
                            }
                        })
                        .size()
                == waiting.size();
    }

    /**
     * Says the present numbers to those who wait for the same reason as before: one statement, however many they are, and no
     * event, since numbers move all the time.
     */
    void tellNumbers(Shortage shortage, Collection<JobId> waiting) {
        transaction.executeWithoutResult(() -> jdbc.sql("""
                        update jobs set message = :message, version = version + 1
                         where id in (select id from jobs
                                       where id = any(:ids) and state = 'QUEUED' and reason = :reason and message is distinct from :message
                                       order by id for no key update skip locked)
                        returning id""")
                .param("message", shortage.sentence())
                .param("reason", shortage.reason().code())
                .param("ids", waiting.stream().map(JobId::value).toArray(UUID[]::new))
                .query((row, number) -> new JobId(row.getObject("id", UUID.class)))
                .list()
                .forEach(id -> events.publishEvent(new JobChanged(id, JobState.QUEUED))));
    }

    private <T> List<T> write(List<T> all, Function<T, JobId> job, BiConsumer<T, Job> change) {
        var written = new ArrayList<T>(all.size());
        for (var from = 0; from < all.size(); from += BATCH) {
            var batch = all.subList(from, Math.min(all.size(), from + BATCH));
            written.addAll(transaction.execute(() -> writeTogether(batch, job, change)));
        }
        return written;
    }

    private <T> List<T> writeTogether(List<T> batch, Function<T, JobId> job, BiConsumer<T, Job> change) {
        var waiting = jobs.findAll(batch.stream().map(job).toList());
        waiting.values().removeIf(found -> found.state() != JobState.QUEUED);
        batch.forEach(each -> {
            var found = waiting.get(job.apply(each));
            if (found != null) {
                change.accept(each, found);
            }
        });
        var written = new HashSet<JobId>();
        for (var each : changes.write(waiting.values())) {
            events.publishEvent(JobChanged.of(each));
            written.add(each.id());
        }
        return batch.stream().filter(each -> written.contains(job.apply(each))).toList();
    }
}
