package io.shusuan.scheduler.job;

import io.shusuan.db.job.Job;
import io.shusuan.db.job.Placed;
import io.shusuan.db.job.Task;
import io.shusuan.db.job.TaskAttempt;
import io.shusuan.db.job.TaskAttempts;
import io.shusuan.db.job.TaskState;
import io.shusuan.db.job.Tasks;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Observation;
import io.shusuan.scheduler.cluster.Observation.ClusterEvent;
import jakarta.persistence.EntityManager;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Writes what a cluster sees of a job into its tasks, attempts and events; rows that say the same stay untouched. */
@Component
class ObservationRecorder {

    private final EntityManager entities;
    private final Tasks tasks;
    private final TaskAttempts attempts;
    private final Clock clock;

    ObservationRecorder(EntityManager entities, Tasks tasks, TaskAttempts attempts, Clock clock) {
        this.entities = entities;
        this.tasks = tasks;
        this.attempts = attempts;
        this.clock = clock;
    }

    /** Inside the caller's transaction. Returns whether anything was new. */
    boolean record(Job job, Observation observation, boolean stopping) {
        var news = recordAttempts(job, observation);
        var newest = Verdict.newest(observation.ofRun(job.run()));
        for (var task : tasks.of(job.id())) {
            var attempt = newest.get(new Verdict.TaskKey(task.role(), task.index()));
            if (attempt != null && differs(task, attempt, stopping)) {
                task.observed(state(attempt, stopping), attempt.ready(), attempt.message());
                news = true;
            }
        }
        for (var event : observation.events()) {
            news |= tellOnce(job, event);
        }
        return news;
    }

    /** Likewise of a job that waits for another scheduler: whatever its tasks have been, they are to begin. */
    boolean recordWaiting(Job job, Observation observation) {
        var news = recordAttempts(job, observation);
        for (var event : observation.events()) {
            news |= tellOnce(job, event);
        }
        reset(job);
        return news;
    }

    private boolean recordAttempts(Job job, Observation observation) {
        var news = false;
        var known = attempts.of(job.id()).stream().collect(Collectors.toMap(TaskAttempt::uid, Function.identity()));
        for (var attempt : observation.attempts()) {
            var stored = known.get(attempt.uid());
            var report = report(attempt);
            if (stored == null) {
                entities.persist(new TaskAttempt(
                        job.id(),
                        attempt.uid(),
                        attempt.role(),
                        attempt.index(),
                        attempt.run(),
                        attempt.number(),
                        report));
                news = true;
            } else if (!stored.report().equals(report)) {
                stored.observed(report);
                news = true;
            }
        }
        return news;
    }

    private static boolean differs(Task task, Attempt attempt, boolean stopping) {
        return task.state() != state(attempt, stopping)
                || task.ready() != attempt.ready()
                || !Objects.equals(task.message(), attempt.message());
    }

    /** The job begins with fewer tasks than it asks for: the others have no part in this run. */
    void leaveOut(Job job, int asked) {
        var placed = job.placement().stream().mapToInt(Placed::tasks).sum();
        var sentence = "begins with %d of its %d tasks, since there was no room for more".formatted(placed, asked);
        tasks.of(job.id()).stream()
                .filter(task -> task.index() >= Placed.tasksOf(task.role(), job.placement()))
                .forEach(task -> task.observed(TaskState.STOPPED, false, "left out: the job " + sentence));
        job.tell(clock.instant(), "FewerTasks", sentence);
    }

    /** The job has ended: no task is under way any more, whatever was seen last. */
    void settle(Job job) {
        tasks.of(job.id()).stream()
                .filter(ObservationRecorder::underWay)
                .forEach(task -> task.observed(TaskState.STOPPED, false, null));
    }

    /** The job begins anew some day: its tasks wait for that. */
    void reset(Job job) {
        tasks.of(job.id()).forEach(task -> task.observed(TaskState.WAITING, false, null));
    }

    private static boolean underWay(Task task) {
        return switch (task.state()) {
            case WAITING, STARTING, RUNNING -> true;
            case SUCCEEDED, FAILED, STOPPED -> false;
        };
    }

    private static TaskState state(Attempt attempt, boolean stopping) {
        return switch (attempt.phase()) {
            case PENDING -> TaskState.STARTING;
            case RUNNING -> TaskState.RUNNING;
            case SUCCEEDED -> TaskState.SUCCEEDED;
            case FAILED ->
                stopping && attempt.reason() != null && attempt.reason().equals("Stopped")
                        ? TaskState.STOPPED
                        : TaskState.FAILED;
        };
    }

    private boolean tellOnce(Job job, ClusterEvent event) {
        var told = entities.createQuery(
                        "select count(e) from JobEvent e where e.job = :job and e.reason = :reason and e.message = :message",
                        Long.class)
                .setParameter("job", job)
                .setParameter("reason", event.reason())
                .setParameter("message", event.message())
                .getSingleResult();
        if (told > 0) {
            return false;
        }
        if (event.warning()) {
            job.warn(clock.instant(), event.reason(), event.message());
        } else {
            job.tell(clock.instant(), event.reason(), event.message());
        }
        return true;
    }

    private static TaskAttempt.Report report(Attempt attempt) {
        return new TaskAttempt.Report(
                attempt.phase().name(),
                attempt.node(),
                attempt.endpoints().stream()
                        .map(endpoint -> "%s=%s:%d".formatted(endpoint.name(), endpoint.host(), endpoint.port()))
                        .toList(),
                attempt.exitCode(),
                attempt.reason(),
                attempt.message(),
                stored(attempt.startedAt()),
                stored(attempt.finishedAt()));
    }

    /** As the database gives it back. */
    private static @Nullable Instant stored(@Nullable Instant time) {
        return time == null ? null : time.truncatedTo(ChronoUnit.MICROS);
    }
}
