package io.shusuan.scheduler.job;

import io.shusuan.db.job.Job;
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
import java.util.function.Function;
import java.util.stream.Collectors;
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

    /** Inside the caller's transaction. */
    void record(Job job, Observation observation, boolean stopping) {
        var known = attempts.of(job.id()).stream().collect(Collectors.toMap(TaskAttempt::uid, Function.identity()));
        for (var attempt : observation.attempts()) {
            var stored = known.get(attempt.uid());
            if (stored == null) {
                entities.persist(new TaskAttempt(
                        job.id(), attempt.uid(), attempt.role(), attempt.index(), attempt.number(), report(attempt)));
            } else if (!stored.report().equals(report(attempt))) {
                stored.observed(report(attempt));
            }
        }
        var newest = Verdict.newest(observation);
        for (var task : tasks.of(job.id())) {
            var attempt = newest.get(new Verdict.TaskKey(task.role(), task.index()));
            if (attempt != null) {
                task.observed(state(attempt, stopping), attempt.ready(), attempt.message());
            }
        }
        observation.events().forEach(event -> tellOnce(job, event));
    }

    /** The job has ended: no task is under way any more, whatever was seen last. */
    void settle(Job job) {
        tasks.of(job.id()).stream()
                .filter(ObservationRecorder::underWay)
                .forEach(task -> task.observed(TaskState.STOPPED, false, null));
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

    private void tellOnce(Job job, ClusterEvent event) {
        var told = entities.createQuery(
                        "select count(e) from JobEvent e where e.job = :job and e.reason = :reason and e.message = :message",
                        Long.class)
                .setParameter("job", job)
                .setParameter("reason", event.reason())
                .setParameter("message", event.message())
                .getSingleResult();
        if (told > 0) {
            return;
        }
        if (event.warning()) {
            job.warn(clock.instant(), event.reason(), event.message());
        } else {
            job.tell(clock.instant(), event.reason(), event.message());
        }
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
                attempt.startedAt(),
                attempt.finishedAt());
    }
}
