package io.shusuan.api.job;

import io.shusuan.api.problem.Excerpt;
import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.TaskAttempt;
import io.shusuan.db.job.TaskAttempts;
import io.shusuan.db.job.Tasks;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.LogQuery;
import io.shusuan.scheduler.cluster.LogReader;
import io.shusuan.scheduler.job.JobNotFoundException;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/**
 * The output of a job's tasks, for the API and the portal alike. A place in it is {@code <attempt>@<cursor>}, so that a
 * reader that resumes stays with the attempt it has begun.
 */
@Service
public class JobLogs {

    /** As a number of last lines: all of them. */
    private static final int ALL = -1;

    private final Tasks tasks;
    private final TaskAttempts attempts;
    private final Cluster cluster;

    JobLogs(Tasks tasks, TaskAttempts attempts, Cluster cluster) {
        this.tasks = tasks;
        this.attempts = attempts;
        this.cluster = cluster;
    }

    /** An output being read, and the attempt it belongs to. */
    public record Open(String attempt, LogReader reader) {

        /** The place behind a line, as {@link JobLogs#open} takes it. */
        public String place(LogReader.Read.Line line) {
            return attempt + "@" + line.cursor();
        }
    }

    /**
     * Opens the output of a task's newest attempt, or of the one that a place names.
     *
     * @param task {@code <role>-<index>}; the first task if missing
     * @param place where to go on
     */
    public Open open(
            JobId job,
            @Nullable String task,
            @Nullable String attempt,
            @Nullable String place,
            int tail,
            boolean follow)
            throws ClusterUnavailableException {
        if (tail < ALL) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST, "tail must be a number of lines, or be left out for all, not " + tail);
        }
        if (place != null) {
            var at = place.lastIndexOf('@');
            if (at < 0) {
                throw noPlace(place);
            }
            // Only of this job: what a place names comes from outside.
            var uid = known(job, place.substring(0, at)).uid();
            try {
                return new Open(uid, cluster.logs(job, uid, new LogQuery(place.substring(at + 1), tail, follow)));
            } catch (IllegalArgumentException noCursor) {
                throw noPlace(place);
            }
        }
        var uid =
                attempt == null ? newest(job, task).uid() : known(job, attempt).uid();
        return new Open(uid, cluster.logs(job, uid, new LogQuery(null, tail, follow)));
    }

    private static ProblemException noPlace(String place) {
        return new ProblemException(
                ProblemKind.BAD_REQUEST,
                "Last-Event-ID '%s' names no place in an output: send the id of the last event received"
                        .formatted(Excerpt.of(place)));
    }

    private TaskAttempt newest(JobId job, @Nullable String task) {
        var names = tasks.of(job).stream()
                .map(each -> each.role() + "-" + each.index())
                .toList();
        if (task != null && !names.contains(task)) {
            throw new JobNotFoundException("job %s has no task '%s'; it has %s".formatted(job, task, shown(names)));
        }
        return attempts.of(job).stream()
                .filter(tried -> task == null || task.equals(tried.role() + "-" + tried.index()))
                .max(
                        task == null
                                ? Comparator.comparingInt(TaskAttempt::index)
                                        .reversed()
                                        .thenComparingInt(TaskAttempt::number)
                                : Comparator.comparingInt(TaskAttempt::number))
                .orElseThrow(() -> new JobNotFoundException("%s has not started yet, so there is no output"
                        .formatted(task == null ? "the job" : "task " + task)));
    }

    private TaskAttempt known(JobId job, String uid) {
        return attempts.of(job).stream()
                .filter(tried -> tried.uid().equals(uid))
                .findFirst()
                .orElseThrow(() -> new JobNotFoundException("job %s has no attempt '%s'".formatted(job, uid)));
    }

    private static String shown(List<String> names) {
        return names.size() <= 8 ? String.join(", ", names) : String.join(", ", names.subList(0, 8)) + " …";
    }
}
