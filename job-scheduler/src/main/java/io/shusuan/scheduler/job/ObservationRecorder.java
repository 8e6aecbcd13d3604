package io.shusuan.scheduler.job;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summingInt;

import io.shusuan.db.job.Job;
import io.shusuan.db.job.ObservedTasks;
import io.shusuan.db.job.ObservedTasks.SeenAttempt;
import io.shusuan.db.job.ObservedTasks.SeenTask;
import io.shusuan.db.job.Placed;
import io.shusuan.db.job.TaskAttempt;
import io.shusuan.db.job.TaskState;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Observation;
import io.shusuan.scheduler.cluster.Observation.ClusterEvent;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Writes what a cluster sees of a job into its tasks, attempts and events; rows that say the same stay untouched. */
@Component
class ObservationRecorder {

    private final ObservedTasks tasks;
    private final JdbcClient jdbc;
    private final Clock clock;

    ObservationRecorder(ObservedTasks tasks, JdbcClient jdbc, Clock clock) {
        this.tasks = tasks;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** Of a job that begins for the first time: nothing is written of it yet. Inside the caller's transaction, as all of these. */
    void recordFirst(Job job, Observation seen) {
        recordAttempts(job, null, seen);
        recordTasks(job, seen, false);
        tell(job, each(seen.events()).values());
    }

    /**
     * Returns whether anything was new.
     *
     * @param known what is written already for certain; null if that is not known
     */
    boolean record(Job job, @Nullable Observation known, Observation seen, boolean stopping) {
        var newAttempts = recordAttempts(job, known, seen);
        var newTasks = recordTasks(job, seen, stopping);
        var newEvents = tell(job, untold(job, known, seen));
        return newAttempts || newTasks || newEvents;
    }

    /** Likewise of a job that waits for another scheduler: whatever its tasks have been, they are to begin. */
    boolean recordWaiting(Job job, @Nullable Observation known, Observation seen) {
        var newAttempts = recordAttempts(job, known, seen);
        var newEvents = tell(job, untold(job, known, seen));
        reset(job);
        return newAttempts || newEvents;
    }

    private boolean recordAttempts(Job job, @Nullable Observation known, Observation seen) {
        var before = known == null ? Set.<Attempt>of() : Set.copyOf(known.attempts());
        return tasks.attempts(
                job.id(),
                seen.attempts().stream()
                        .filter(attempt -> !before.contains(attempt))
                        .map(ObservationRecorder::attempt)
                        .toList());
    }

    private boolean recordTasks(Job job, Observation seen, boolean stopping) {
        return tasks.tasks(
                job.id(),
                Verdict.newest(seen.ofRun(job.run())).entrySet().stream()
                        .map(each -> task(each.getKey(), each.getValue(), stopping))
                        .toList());
    }

    private static SeenAttempt attempt(Attempt attempt) {
        return new SeenAttempt(
                attempt.uid(), attempt.role(), attempt.index(), attempt.run(), attempt.number(), report(attempt));
    }

    private static SeenTask task(Verdict.TaskKey task, Attempt newest, boolean stopping) {
        return new SeenTask(task.role(), task.index(), state(newest, stopping), newest.ready(), newest.message());
    }

    /** The job begins with fewer tasks than it asks for: the others have no part in this run. */
    void leaveOut(Job job, int asked) {
        var placed = job.placement().stream().mapToInt(Placed::tasks).sum();
        var sentence = "begins with %d of its %d tasks, since there was no room for more".formatted(placed, asked);
        tasks.leaveOut(
                job.id(),
                job.placement().stream().collect(groupingBy(Placed::role, summingInt(Placed::tasks))),
                "left out: the job " + sentence);
        job.tell(clock.instant(), "FewerTasks", sentence);
    }

    /** The job has ended: no task is under way any more, whatever was seen last. */
    void settle(Job job) {
        tasks.settle(job.id());
    }

    /** The job begins anew some day: its tasks wait for that. */
    void reset(Job job) {
        tasks.reset(job.id());
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

    private boolean tell(Job job, Collection<ClusterEvent> news) {
        news.forEach(event -> {
            if (event.warning()) {
                job.warn(clock.instant(), event.reason(), event.message());
            } else {
                job.tell(clock.instant(), event.reason(), event.message());
            }
        });
        return !news.isEmpty();
    }

    /** What a cluster wants told is told once, however often it says so. */
    private Collection<ClusterEvent> untold(Job job, @Nullable Observation known, Observation seen) {
        var told = known == null ? Set.<ClusterEvent>of() : Set.copyOf(known.events());
        var news = each(
                seen.events().stream().filter(event -> !told.contains(event)).toList());
        if (!news.isEmpty()) {
            news.keySet().removeAll(stored(job, news.keySet()));
        }
        return news.values();
    }

    private record Sentence(String reason, String message) {}

    private static Map<Sentence, ClusterEvent> each(List<ClusterEvent> events) {
        var each = new LinkedHashMap<Sentence, ClusterEvent>();
        events.forEach(event -> each.putIfAbsent(new Sentence(event.reason(), event.message()), event));
        return each;
    }

    private Set<Sentence> stored(Job job, Set<Sentence> sentences) {
        return jdbc.sql("select reason, message from job_events where job_id = :job and reason = any(:reasons)")
                .param("job", job.id().value())
                .param("reasons", sentences.stream().map(Sentence::reason).toArray(String[]::new))
                .query((row, number) -> new Sentence(row.getString("reason"), row.getString("message")))
                .set();
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
