package io.shusuan.scheduler.job;

import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.stereotype.Component;

/**
 * Writes what has become of jobs of which the cluster has something, each time in one transaction of the replica that schedules,
 * and tells of it what is news. Answers with the job as it is then; nothing if it has ended, or waits again.
 */
@Component
class JobWriter {

    /** Named as the whole that it is a part of: people look for that. */
    private static final Logger log = LoggerFactory.getLogger(Reconciler.class);

    private final Jobs jobs;
    private final Views views;
    private final LeaderTransaction transaction;
    private final ApplicationEventPublisher events;

    JobWriter(Jobs jobs, Views views, LeaderTransaction transaction, ApplicationEventPublisher events) {
        this.jobs = jobs;
        this.views = views;
        this.transaction = transaction;
        this.events = events;
    }

    /**
     * Writes what follows from how a job was seen.
     *
     * @param change returns whether it changed anything beside the job's own row
     * @throws OptimisticLockingFailureException if it is not as it was seen; nothing was written then
     */
    Optional<View> write(View seen, Predicate<Job> change) {
        return write(seen.id(), seen, job -> {
            if (job.version() != seen.version()) {
                throw new OptimisticLockingFailureException("job %s was changed meanwhile".formatted(seen.id()));
            }
            return change.test(job);
        });
    }

    /** Writes what holds of a job however it was seen. */
    Optional<View> note(JobId id, Consumer<Job> change) {
        return write(id, null, job -> {
            change.accept(job);
            return false;
        });
    }

    private Optional<View> write(JobId id, @Nullable View seen, Predicate<Job> change) {
        var moment = views.now(id);
        Optional<Job> written;
        try {
            written = transaction.execute(() -> changed(id, change));
        } catch (RuntimeException perhapsNotWritten) {
            views.changedElsewhere(id); // or so it may be: it is read anew
            throw perhapsNotWritten;
        }
        if (written.isEmpty()) {
            views.forget(id);
        }
        return written.flatMap(job -> views.written(job, moment, seen));
    }

    private Optional<Job> changed(JobId id, Predicate<Job> change) {
        var found = jobs.find(id).filter(job -> JobState.APPLIED.contains(job.state()));
        found.ifPresent(job -> {
            var before = Face.of(job);
            // Silence when nothing has changed: each such word brings this job here again.
            if (change.test(job) || !before.equals(Face.of(job))) {
                events.publishEvent(JobChanged.of(job));
            }
            if (before.state() != job.state()) {
                log.info(
                        "job '{}' is {}{}", job.name(), job.state(), job.message() == null ? "" : ": " + job.message());
            }
        });
        return found;
    }

    /** What people see of the job itself; news of it are told only when it has changed. */
    private record Face(
            JobState state,
            @Nullable String reason,
            @Nullable String message,
            @Nullable String condition) {
        static Face of(Job job) {
            return new Face(
                    job.state(),
                    job.reason(),
                    job.message(),
                    job.condition() == null ? null : job.condition().message());
        }
    }
}
