package io.shusuan.scheduler.job;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summingInt;

import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.ObservedTasks.SeenAttempt;
import io.shusuan.db.job.ObservedTasks.SeenTask;
import io.shusuan.db.job.Placed;
import io.shusuan.db.job.TaskAttempt;
import io.shusuan.db.job.TaskState;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Observation;
import io.shusuan.scheduler.cluster.Observation.ClusterEvent;
import io.shusuan.scheduler.job.Draft.AllTasks;
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

/** Notes what a cluster sees of a job in its tasks, attempts and events, to be written; rows that say the same stay untouched. */
@Component
class ObservationRecorder {

    private final JdbcClient jdbc;
    private final Clock clock;

    ObservationRecorder(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** Of a job that begins for the first time: nothing is written of it yet. Inside the caller's transaction, as all of these. */
    void recordFirst(Draft draft, Observation seen) {
        recordAttempts(draft, null, seen);
        recordTasks(draft, seen, false);
        tell(draft.job(), each(seen.events()).values());
    }

    /** @param known what is written already for certain; null if that is not known */
    void record(Draft draft, @Nullable Observation known, Observation seen, boolean stopping) {
        recordAttempts(draft, known, seen);
        recordTasks(draft, seen, stopping);
        tell(draft.job(), untold(draft.job(), known, seen));
    }

    /** Likewise of a job that waits for another scheduler: whatever its tasks have been, they are to begin. */
    void recordWaiting(Draft draft, @Nullable Observation known, Observation seen) {
        recordAttempts(draft, known, seen);
        tell(draft.job(), untold(draft.job(), known, seen));
        draft.allTasks(AllTasks.RESET);
    }

    private static void recordAttempts(Draft draft, @Nullable Observation known, Observation seen) {
        var before = known == null ? Set.<Attempt>of() : Set.copyOf(known.attempts());
        draft.attempts(seen.attempts().stream()
                .filter(attempt -> !before.contains(attempt))
                .map(attempt -> attempt(draft.job().id(), attempt))
                .toList());
    }

    private static void recordTasks(Draft draft, Observation seen, boolean stopping) {
        var job = draft.job();
        draft.tasks(Verdict.newest(seen.ofRun(job.run())).entrySet().stream()
                .map(each -> task(job.id(), each.getKey(), each.getValue(), stopping))
                .toList());
    }

    private static SeenAttempt attempt(JobId job, Attempt attempt) {
        return new SeenAttempt(
                job, attempt.uid(), attempt.role(), attempt.index(), attempt.run(), attempt.number(), report(attempt));
    }

    private static SeenTask task(JobId job, Verdict.TaskKey task, Attempt newest, boolean stopping) {
        return new SeenTask(job, task.role(), task.index(), state(newest, stopping), newest.ready(), newest.message());
    }

    /** The job begins with fewer tasks than it asks for: the others have no part in this run. */
    void leaveOut(Draft draft, int asked) {
        var job = draft.job();
        var placed = Placed.tasks(job.placement());
        var sentence = "begins with %d of its %d tasks, since there was no room for more".formatted(placed, asked);
        draft.leaveOut(new Draft.LeftOut(
                job.placement().stream().collect(groupingBy(Placed::role, summingInt(Placed::tasks))),
                "left out: the job " + sentence));
        job.tell(clock.instant(), "FewerTasks", sentence);
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

    private void tell(Job job, Collection<ClusterEvent> news) {
        news.forEach(event -> {
            if (event.warning()) {
                job.warn(clock.instant(), event.reason(), event.message());
            } else {
                job.tell(clock.instant(), event.reason(), event.message());
            }
        });
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
