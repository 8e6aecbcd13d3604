package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobKind;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Attempt.Phase;
import io.shusuan.scheduler.cluster.Observation;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the attempts seen mean for the job as a whole. Pure. */
sealed interface Verdict {

    /** Not all tasks run yet. */
    record Starting(String reason, String sentence) implements Verdict {

        /** Of a job whose tasks were taken away and come again. */
        static final Starting ANEW = new Starting("TasksNotReady", "tasks that were taken away begin anew");
    }

    /** All tasks run and are ready. */
    record Running() implements Verdict {}

    /** All tasks have ended well; the times are the cluster's, and missing where it has none. */
    record Succeeded(@Nullable Instant begun, @Nullable Instant ended) implements Verdict {}

    record Failed(String reason, String sentence) implements Verdict {}

    /** A task of a job. */
    record TaskKey(String role, int index) {
        @Override
        public String toString() {
            return role + "-" + index;
        }
    }

    /** The attempt that speaks for each task: its newest one. */
    static Map<TaskKey, Attempt> newest(Observation observation) {
        var newest = new HashMap<TaskKey, Attempt>();
        observation.attempts().stream()
                .sorted(Comparator.comparingInt(Attempt::number))
                .forEach(attempt -> newest.put(new TaskKey(attempt.role(), attempt.index()), attempt));
        return newest;
    }

    static Verdict of(JobKind kind, int tasks, Observation observation) {
        var newest = newest(observation);
        return switch (kind) {
            case TRAINING, CONVERSION -> ofTraining(tasks, newest);
            case INFERENCE -> ofInference(tasks, newest);
        };
    }

    private static Verdict ofTraining(int tasks, Map<TaskKey, Attempt> newest) {
        var failed = newest.values().stream()
                .filter(attempt -> attempt.phase() == Phase.FAILED)
                .min(Comparator.comparing(Attempt::uid));
        if (failed.isPresent()) {
            return new Failed("TaskFailed", sentence(failed.get()));
        }
        var succeeded = count(newest, Phase.SUCCEEDED);
        if (succeeded == tasks) {
            return new Succeeded(
                    latest(newest.values(), Attempt::startedAt), latest(newest.values(), Attempt::finishedAt));
        }
        var begun = succeeded + count(newest, Phase.RUNNING);
        return begun == tasks ? new Running() : starting(tasks, begun, newest);
    }

    private static Verdict ofInference(int tasks, Map<TaskKey, Attempt> newest) {
        var ready = newest.values().stream().filter(Attempt::ready).count();
        return ready == tasks ? new Running() : starting(tasks, ready, newest);
    }

    private static Starting starting(int tasks, long begun, Map<TaskKey, Attempt> newest) {
        var trouble = newest.values().stream()
                .filter(attempt -> !attempt.ready() && attempt.message() != null)
                .min(Comparator.comparing(Attempt::uid));
        return new Starting(
                trouble.map(Attempt::reason).orElse("TasksNotReady"),
                "%d of %d tasks are ready%s"
                        .formatted(
                                begun,
                                tasks,
                                trouble.map(attempt -> "; " + sentence(attempt)).orElse("")));
    }

    /** When the last of them ended; nothing if the cluster does not say. */
    static @Nullable Instant ended(Observation observation) {
        return latest(observation.attempts(), Attempt::finishedAt);
    }

    private static @Nullable Instant latest(Collection<Attempt> attempts, Function<Attempt, @Nullable Instant> time) {
        return attempts.stream()
                .map(time)
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .orElse(null);
    }

    private static long count(Map<TaskKey, Attempt> newest, Phase phase) {
        return newest.values().stream()
                .filter(attempt -> attempt.phase() == phase)
                .count();
    }

    private static String sentence(Attempt attempt) {
        var task = "task %s-%d".formatted(attempt.role(), attempt.index());
        if (attempt.message() != null) {
            return task + ": " + attempt.message();
        }
        return attempt.exitCode() == null ? task + " failed" : task + " ended with exit code " + attempt.exitCode();
    }
}
