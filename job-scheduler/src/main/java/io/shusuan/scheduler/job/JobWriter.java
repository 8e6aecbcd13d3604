package io.shusuan.scheduler.job;

import io.shusuan.db.job.EvictionLog;
import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobChanges;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import io.shusuan.db.job.ObservedTasks;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.stereotype.Component;

/**
 * Writes what has become of jobs of which the cluster has something, and tells of it what is news: those that come at the same time
 * in one transaction of the replica that schedules, with as many statements as for one. Each is changed and written by itself
 * all the same: if one cannot be, since somebody else has changed it or holds its row, the others are. Answers with the job as it is then; nothing if it
 * has ended, or waits again.
 */
@Component
class JobWriter {

    /** Named as the whole that it is a part of: people look for that. */
    private static final Logger log = LoggerFactory.getLogger(Reconciler.class);

    private static final String JOB = "job";

    private static final ScopedValue<Set<JobId>> WRITING = ScopedValue.newInstance();

    private final Jobs jobs;
    private final JobChanges changes;
    private final ObservedTasks tasks;
    private final EvictionLog evictions;
    private final Views views;
    private final LeaderTransaction transaction;
    private final ApplicationEventPublisher events;
    private final Together<Wish, Outcome> writing = new Together<>(this::write);

    JobWriter(
            Jobs jobs,
            JobChanges changes,
            ObservedTasks tasks,
            EvictionLog evictions,
            Views views,
            LeaderTransaction transaction,
            ApplicationEventPublisher events) {
        this.jobs = jobs;
        this.changes = changes;
        this.tasks = tasks;
        this.evictions = evictions;
        this.views = views;
        this.transaction = transaction;
        this.events = events;
    }

    /** @param seen how the job must still be; null if that does not matter */
    private record Wish(JobId id, @Nullable View seen, Consumer<Draft> change) {}

    /** @param job as it was written; none if the cluster has nothing of it, or is not to have anything */
    private record Outcome(Optional<Job> job, @Nullable RuntimeException refused) {

        static final Outcome NOTHING = new Outcome(Optional.empty(), null);

        static Outcome refused(RuntimeException why) {
            return new Outcome(Optional.empty(), why);
        }

        Optional<Job> orElseThrow() {
            if (refused != null) {
                throw refused;
            }
            return job;
        }
    }

    /** Whether this thread is just writing that job, so that to hear of it is no news. */
    static boolean isWriting(JobId id) {
        return WRITING.isBound() && WRITING.get().contains(id);
    }

    /**
     * Writes what follows from how a job was seen.
     *
     * @throws OptimisticLockingFailureException if it is not as it was seen; nothing was written then
     */
    Optional<View> write(View seen, Consumer<Draft> change) {
        return write(seen.id(), seen, change);
    }

    /** Writes what holds of a job however it was seen. */
    Optional<View> note(JobId id, Consumer<Job> change) {
        return write(id, null, draft -> change.accept(draft.job()));
    }

    private Optional<View> write(JobId id, @Nullable View seen, Consumer<Draft> change) {
        var moment = views.now(id);
        Optional<Job> written;
        try {
            written = writing.ask(new Wish(id, seen, change)).orElseThrow();
        } catch (RuntimeException perhapsNotWritten) {
            views.changedElsewhere(id); // or so it may be: it is read anew
            throw perhapsNotWritten;
        }
        if (written.isEmpty()) {
            views.forget(id);
        }
        return written.flatMap(job -> views.written(job, moment, seen));
    }

    private List<Outcome> write(List<Wish> wishes) {
        try {
            return writeTogether(wishes);
        } catch (DataIntegrityViolationException | PessimisticLockingFailureException ofOne) {
            // For example a sign in what its cluster says that no text may have, or a task's row that somebody holds:
            // the others do without it.
            return wishes.size() == 1
                    ? List.of(Outcome.refused(ofOne))
                    : wishes.stream().map(this::writeAlone).toList();
        }
    }

    private Outcome writeAlone(Wish wish) {
        try {
            return writeTogether(List.of(wish)).getFirst();
        } catch (RuntimeException refused) {
            return Outcome.refused(refused);
        }
    }

    private List<Outcome> writeTogether(List<Wish> wishes) {
        var mine = MDC.get(JOB);
        var ids = wishes.stream().map(Wish::id).collect(Collectors.toSet());
        try {
            return ScopedValue.where(WRITING, ids).call(() -> transaction.execute(() -> writeInTransaction(wishes)));
        } finally {
            if (mine != null) {
                MDC.put(JOB, mine);
            }
        }
    }

    private List<Outcome> writeInTransaction(List<Wish> wishes) {
        var found = jobs.findAll(wishes.stream().map(Wish::id).toList());
        found.values().removeIf(job -> !JobState.APPLIED.contains(job.state()));
        var outcomes = new HashMap<JobId, Outcome>();
        var changed = new ArrayList<Changed>();
        for (var wish : wishes) {
            var job = found.get(wish.id());
            if (job == null) {
                continue;
            }
            if (wish.seen() != null && wish.seen().version() != job.version()) {
                outcomes.put(wish.id(), collided(wish.id()));
                continue;
            }
            try {
                changed.add(changed(wish, job));
            } catch (DataAccessException broken) {
                throw broken; // which ends the transaction for all
            } catch (RuntimeException refused) {
                outcomes.put(wish.id(), Outcome.refused(refused));
            }
        }
        written(changed).forEach(job -> outcomes.put(job.id(), new Outcome(Optional.of(job), null)));
        var left = changed.stream()
                .filter(each -> !outcomes.containsKey(each.id()))
                .map(each -> each.draft().job())
                .toList();
        var held = changes.held(left);
        left.forEach(job -> outcomes.put(job.id(), held.contains(job.id()) ? held(job.id()) : collided(job.id())));
        return wishes.stream()
                .map(wish -> outcomes.getOrDefault(wish.id(), Outcome.NOTHING))
                .toList();
    }

    private static Outcome collided(JobId id) {
        return Outcome.refused(new OptimisticLockingFailureException("job %s was changed meanwhile".formatted(id)));
    }

    private static Outcome held(JobId id) {
        return Outcome.refused(new CannotAcquireLockException(
                "another transaction of the database holds the row of job %s".formatted(id)));
    }

    /** A job that was changed and is yet to be written. */
    private record Changed(Draft draft, Face before, boolean tells) {

        JobId id() {
            return draft.job().id();
        }
    }

    private static Changed changed(Wish wish, Job job) {
        try (var _ = MDC.putCloseable(JOB, wish.id().toString())) {
            var before = Face.of(job);
            var draft = new Draft(job);
            wish.change().accept(draft);
            return new Changed(draft, before, job.hasNews());
        }
    }

    private List<Job> written(List<Changed> changed) {
        var written =
                changes.write(changed.stream().map(each -> each.draft().job()).toList());
        var ids = written.stream().map(Job::id).collect(Collectors.toSet());
        var those = changed.stream().filter(each -> ids.contains(each.id())).toList();
        var news = writeTasks(those.stream().map(Changed::draft).toList());
        those.forEach(each -> tell(each, news.contains(each.id())));
        return written;
    }

    /** Returns of whose tasks there was anything new. */
    private Set<JobId> writeTasks(List<Draft> drafts) {
        for (var draft : drafts) {
            var leftOut = draft.leftOut();
            if (leftOut != null) {
                tasks.leaveOut(draft.job().id(), leftOut.tasks(), leftOut.message());
            }
            draft.evictions().forEach(evictions::add);
        }
        var news = new HashSet<JobId>();
        news.addAll(tasks.attempts(
                drafts.stream().flatMap(draft -> draft.attempts().stream()).toList()));
        news.addAll(tasks.tasks(
                drafts.stream().flatMap(draft -> draft.tasks().stream()).toList()));
        tasks.settle(those(drafts, Draft.AllTasks.SETTLE));
        tasks.reset(those(drafts, Draft.AllTasks.RESET));
        return news;
    }

    private static Collection<JobId> those(List<Draft> drafts, Draft.AllTasks become) {
        return drafts.stream()
                .filter(draft -> draft.allTasks() == become)
                .map(draft -> draft.job().id())
                .toList();
    }

    /** Silence when nothing has changed: each such word brings this job here again. */
    private void tell(Changed changed, boolean newTasks) {
        var job = changed.draft().job();
        try (var _ = MDC.putCloseable(JOB, job.id().toString())) {
            if (newTasks || changed.tells() || !changed.before().equals(Face.of(job))) {
                events.publishEvent(JobChanged.of(job));
            }
            if (changed.before().state() != job.state()) {
                log.info(
                        "job '{}' is {}{}", job.name(), job.state(), job.message() == null ? "" : ": " + job.message());
            }
        }
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
