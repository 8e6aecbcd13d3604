package io.shusuan.scheduler.job;

import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobChanges;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import io.shusuan.db.queue.PriorityClasses;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.sharing.SharingRefusedException;
import io.shusuan.scheduler.sharing.SharingRefusedException.Cause;
import io.shusuan.scheduler.sharing.SharingStore;
import java.time.Clock;
import java.util.Objects;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** What people do to jobs that exist. */
@Service
public class JobControl {

    private final Jobs jobs;
    private final JobChanges changes;
    private final PriorityClasses classes;
    private final SharingStore sharing;
    private final Cluster cluster;
    private final TransactionTemplate transaction;
    private final ApplicationEventPublisher events;
    private final Clock clock;

    JobControl(
            Jobs jobs,
            JobChanges changes,
            PriorityClasses classes,
            SharingStore sharing,
            Cluster cluster,
            TransactionTemplate transaction,
            ApplicationEventPublisher events,
            Clock clock) {
        this.jobs = jobs;
        this.changes = changes;
        this.classes = classes;
        this.sharing = sharing;
        this.cluster = cluster;
        this.transaction = transaction;
        this.events = events;
        this.clock = clock;
    }

    /** Asks for the end of a job. Asking again, or after its end, changes nothing. */
    public void stop(JobId id, String who) {
        transaction.executeWithoutResult(status -> stopInTransaction(id, who));
    }

    /** Whoever stops a job means it whatever the scheduler is just writing: so it waits for that. */
    private void stopInTransaction(JobId id, String who) {
        var job = jobs.hold(id.value()).orElseThrow(() -> new JobNotFoundException(id));
        if (job.state().isFinal() || (job.state() == JobState.STOPPING && !job.isEvicted())) {
            return;
        }
        job.stop(who, clock.instant());
        changes.write(job);
        events.publishEvent(JobChanged.of(job));
    }

    /**
     * Gives a job that has not ended another priority, and with it another place in the line.
     *
     * @throws SharingRefusedException if there is no such class, or the job's queue does not take that priority
     */
    public void prioritise(JobId id, GivenPriority given, String who) {
        transaction.executeWithoutResult(status -> {
            var of = given instanceof GivenPriority.OfClass named ? named.name() : null;
            var value = value(given); // locks the class before the job, as a change of the class does
            var job = jobs.hold(id.value()).orElseThrow(() -> new JobNotFoundException(id));
            sharing.priorities(job.queue()).refusal(job.queue(), of, value).ifPresent(refusal -> {
                throw new SharingRefusedException(Cause.PRIORITY_NOT_TAKEN, refusal.sentence());
            });
            if (job.state().isActive() && job.priority() == value && Objects.equals(job.priorityClass(), of)) {
                return;
            }
            job.prioritise(value, of, who, clock.instant());
            changes.prioritise(job);
            events.publishEvent(JobChanged.of(job));
        });
    }

    private int value(GivenPriority given) {
        return switch (given) {
            case GivenPriority.Own own -> own.value();
            case GivenPriority.OfClass of ->
                classes.value(of.name())
                        .orElseThrow(() -> new SharingRefusedException(
                                Cause.UNKNOWN_PRIORITY_CLASS, "there is no priority class '%s'".formatted(of.name())));
        };
    }

    /**
     * Forgets a job that has ended: first its traces in the cluster, logs and artifacts included, then its rows, so that
     * a delete cut off in between can be repeated.
     */
    public void delete(JobId id) throws ClusterUnavailableException {
        transaction.executeWithoutResult(status -> {
            ended(load(id));
            unmounted(id);
        });
        cluster.remove(id);
        transaction.executeWithoutResult(status -> {
            jobs.find(id).ifPresent(job -> {
                jobs.delete(job);
                events.publishEvent(JobChanged.of(job));
            });
        });
    }

    private static void ended(Job job) {
        if (job.state().isActive()) {
            throw new StillActiveException(job.id(), job.state());
        }
    }

    private void unmounted(JobId id) {
        jobs.nameMounting(id.toString()).ifPresent(user -> {
            throw new StillMountedException(id, user);
        });
    }

    private Job load(JobId id) {
        return jobs.find(id).orElseThrow(() -> new JobNotFoundException(id));
    }

    /** What an active job mounts stays: without it that job could not be started again. */
    public static final class StillMountedException extends RuntimeException {

        private static final long serialVersionUID = 1;

        private final String user;

        StillMountedException(JobId id, String user) {
            super("the artifacts of job %s are mounted by the active job %s: stop that one first".formatted(id, user));
            this.user = user;
        }

        /** The name of the job that mounts them. */
        public String user() {
            return user;
        }
    }

    /** Only what has ended can be deleted. */
    public static final class StillActiveException extends RuntimeException {

        private static final long serialVersionUID = 1;

        StillActiveException(JobId id, JobState state) {
            super("job %s is %s: stop it before deleting it".formatted(id, state));
        }
    }
}
