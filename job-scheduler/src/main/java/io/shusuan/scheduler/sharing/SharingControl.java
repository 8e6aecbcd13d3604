package io.shusuan.scheduler.sharing;

import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.PriorityClasses;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.db.queue.SettingsHistory;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.sharing.SharingRefusedException.Cause;
import io.shusuan.scheduler.sharing.Uses.Use;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * What administrators do to flavours, cohorts and queues. A change is tried on paper first. One that leaves a queue with less
 * than its jobs use is refused with what it would do, unless it was confirmed.
 */
@Service
public class SharingControl {

    private final SharingStore store;
    private final SettingsHistory history;
    private final PriorityClasses classes;
    private final StrandedJobs strandedJobs;
    private final JdbcClient jdbc;
    private final ApplicationEventPublisher events;

    SharingControl(
            SharingStore store,
            SettingsHistory history,
            PriorityClasses classes,
            StrandedJobs strandedJobs,
            JdbcClient jdbc,
            ApplicationEventPublisher events) {
        this.store = store;
        this.history = history;
        this.classes = classes;
        this.strandedJobs = strandedJobs;
        this.jdbc = jdbc;
        this.events = events;
    }

    /** Told after the commit that changed how the nodes are shared. */
    public record SharingChanged() {}

    public Sharing read() {
        return store.read();
    }

    public Uses uses() {
        return new Uses(jdbc.sql("""
                        select j.queue, p.flavour, sum(p.tasks * r.milli_cpus::bigint) as milli_cpus,
                               sum(p.tasks * r.memory_mib) as memory_mib, sum(p.tasks * r.gpus::bigint) as gpus
                          from jobs j
                         cross join jsonb_to_recordset(j.placement) as p (role text, flavour text, tasks integer)
                          join task_roles r on r.job_id = j.id and r.name = p.role
                         where j.state in ('ADMITTED', 'STARTING', 'RUNNING', 'STOPPING')
                         group by j.queue, p.flavour order by j.queue, p.flavour""")
                .query((row, number) -> new Use(
                        new QueueName(row.getString("queue")),
                        new FlavourName(row.getString("flavour")),
                        new Resources(row.getLong("milli_cpus"), row.getLong("memory_mib"), row.getInt("gpus"))))
                .list());
    }

    /**
     * A change on paper.
     *
     * @param stranded which queues it would leave with less than their jobs use, or with jobs that they do not take any more
     */
    public record Trial(Sharing now, Sharing then, List<String> stranded) {

        public Trial {
            stranded = List.copyOf(stranded);
        }
    }

    /** What {@link #change(QueueSettings, boolean, String)} would lead to, refused for the same faults. */
    public Trial trial(QueueSettings queue) {
        requireKnown(queue.priorities());
        var now = store.read();
        var state = now.queue(queue.name()).map(QueueSettings::state).orElse(QueueState.OPEN);
        return trial(now, now.with(queue.in(state)));
    }

    public Trial trial(CohortSettings cohort) {
        var now = store.read();
        return trial(now, now.with(cohort));
    }

    public Trial trial(Flavour flavour) {
        var now = store.read();
        return trial(now, now.with(flavour));
    }

    private Trial trial(Sharing now, Sharing then) {
        then.check();
        return new Trial(
                now,
                then,
                Stream.concat(belowUse(now, then).stream(), strandedJobs.by(now, then).stream())
                        .toList());
    }

    /** Makes a queue, or replaces its settings; its state stays as it is. */
    @Transactional
    public void change(QueueSettings queue, boolean confirmed, String who) {
        history.by(who);
        store.lock();
        requireKnown(queue.priorities());
        var now = store.read();
        check(now, now.with(queue), confirmed);
        store.write(queue);
        events.publishEvent(new SharingChanged());
    }

    /** Removes a queue of which no job is stored. What was said of it and what its jobs have used is kept. */
    @Transactional
    public void remove(QueueName queue, String who) {
        history.by(who);
        store.lock();
        if (!store.lock(queue)) {
            throw new SharingRefusedException(Cause.NOT_FOUND, "there is no queue '%s'".formatted(queue));
        }
        if (queue.equals(QueueName.DEFAULT)) {
            throw new SharingRefusedException(
                    Cause.STILL_USED,
                    "queue default is where the jobs go that name none: it cannot be removed; drain it, so that it takes no more");
        }
        var jobs = store.jobsOf(queue);
        if (jobs.stored() > 0) {
            throw new SharingRefusedException(
                    Cause.STILL_USED,
                    "queue %s has %d job(s), %d of them active: delete them first, or drain the queue, so that it takes no more"
                            .formatted(queue, jobs.stored(), jobs.active()));
        }
        store.delete(queue);
        events.publishEvent(new SharingChanged());
    }

    /** Makes a cohort, or replaces its settings. */
    @Transactional
    public void change(CohortSettings cohort, boolean confirmed, String who) {
        history.by(who);
        store.lock();
        var now = store.read();
        check(now, now.with(cohort), confirmed);
        store.write(cohort);
        events.publishEvent(new SharingChanged());
    }

    @Transactional
    public void remove(CohortName cohort, String who) {
        history.by(who);
        store.lock();
        var now = store.read();
        if (now.cohort(cohort).isEmpty()) {
            throw new SharingRefusedException(Cause.NOT_FOUND, "there is no cohort '%s'".formatted(cohort));
        }
        var members = Stream.concat(
                        now.cohorts().stream()
                                .filter(each -> cohort.equals(each.parent()))
                                .map(each -> "cohort " + each.name()),
                        now.queues().stream()
                                .filter(each -> cohort.equals(each.cohort()))
                                .map(each -> "queue " + each.name()))
                .collect(Collectors.joining(", "));
        if (!members.isEmpty()) {
            throw new SharingRefusedException(
                    Cause.STILL_USED, "cohort %s is not empty: take %s out of it first".formatted(cohort, members));
        }
        store.delete(cohort);
        events.publishEvent(new SharingChanged());
    }

    /** Makes a flavour, or says by which labels its nodes are known from now on. What runs stays counted as it is. */
    @Transactional
    public void change(Flavour flavour, String who) {
        history.by(who);
        store.lock();
        store.write(flavour);
        events.publishEvent(new SharingChanged());
    }

    @Transactional
    public void remove(FlavourName flavour, String who) {
        history.by(who);
        store.lock();
        var now = store.read();
        if (now.flavour(flavour).isEmpty()) {
            throw new SharingRefusedException(Cause.NOT_FOUND, "there is no flavour '%s'".formatted(flavour));
        }
        var owners = Stream.concat(
                        now.cohorts().stream()
                                .filter(each -> hasOf(flavour, each.quotas()))
                                .map(each -> "cohort " + each.name()),
                        now.queues().stream()
                                .filter(each -> hasOf(flavour, each.quotas()))
                                .map(each -> "queue " + each.name()))
                .collect(Collectors.joining(", "));
        if (!owners.isEmpty()) {
            throw new SharingRefusedException(
                    Cause.STILL_USED,
                    "there are quotas of flavour %s: take them from %s first".formatted(flavour, owners));
        }
        var holders = uses().all().stream()
                .filter(use -> use.flavour().equals(flavour))
                .map(use -> use.queue().value())
                .distinct()
                .collect(Collectors.joining(", "));
        if (!holders.isEmpty()) {
            throw new SharingRefusedException(
                    Cause.STILL_USED,
                    "jobs of queue(s) %s run on nodes of flavour %s: remove it when they have ended"
                            .formatted(holders, flavour));
        }
        store.delete(flavour);
        events.publishEvent(new SharingChanged());
    }

    private static boolean hasOf(FlavourName flavour, List<Quota> quotas) {
        return quotas.stream().anyMatch(quota -> quota.flavour().equals(flavour));
    }

    private void check(Sharing now, Sharing changed, boolean confirmed) {
        changed.check();
        if (confirmed) {
            return;
        }
        var because = belowUse(now, changed);
        if (!because.isEmpty()) {
            throw new SharingRefusedException(
                    Cause.QUOTA_BELOW_USE,
                    "%s: what runs would go on, and nothing would be admitted there until enough has ended; repeat it with confirm=true if that is meant"
                            .formatted(String.join("; ", because)));
        }
        var stranded = strandedJobs.by(now, changed);
        if (!stranded.isEmpty()) {
            throw new SharingRefusedException(
                    Cause.WOULD_STRAND,
                    "%s; repeat it with confirm=true if that is meant".formatted(String.join("; ", stranded)),
                    "priorities");
        }
    }

    private List<String> belowUse(Sharing now, Sharing changed) {
        var uses = uses();
        var before = new HashSet<>(uses.beyond(now));
        return uses.beyond(changed).stream()
                .filter(said -> !before.contains(said))
                .toList();
    }

    private void requireKnown(PriorityLimits priorities) {
        for (var i = 0; i < priorities.classes().size(); i++) {
            var name = priorities.classes().get(i);
            if (classes.value(name).isEmpty()) {
                var known = classes.all().stream()
                        .map(used -> used.priority().name().value())
                        .collect(Collectors.joining(", "));
                throw new SharingRefusedException(
                        Cause.UNKNOWN_PRIORITY_CLASS,
                        "there is no priority class '%s'; there are %s"
                                .formatted(name, known.isEmpty() ? "none yet" : known),
                        "priorities.classes[%d]".formatted(i));
            }
        }
    }
}
