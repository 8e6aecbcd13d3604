package io.shusuan.api.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.shusuan.api.cluster.Amount;
import io.shusuan.db.job.IdleWarning;
import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobEvent;
import io.shusuan.db.job.JobKind;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.JobSummary;
import io.shusuan.db.job.Placed;
import io.shusuan.db.job.StartForecast;
import io.shusuan.db.job.StartForecasts;
import io.shusuan.db.job.Task;
import io.shusuan.db.job.TaskAttempt;
import io.shusuan.db.job.TaskRoleRow;
import io.shusuan.db.job.TaskState;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the API shows of jobs. Times are RFC 3339 in UTC, memory is in MiB, processor time in cores. */
final class JobViews {

    private JobViews() {}

    record Condition(
            String reason,
            @Nullable String message,
            @Nullable Instant since) {}

    /**
     * That all GPUs of a job do nothing for longer than its queue allows.
     *
     * @param since when they did something last, as far as it is known
     * @param stopsAt when it is stopped unless they work until then
     */
    @Schema(name = "IdleWarning")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Idle(Instant since, String message, @Nullable Instant stopsAt) {

        static @Nullable Idle of(@Nullable IdleWarning warning) {
            return warning == null ? null : new Idle(warning.since(), warning.message(), warning.stopsAt());
        }
    }

    /**
     * When a waiting job is expected to start.
     *
     * @param expected as likely earlier as later; missing, like latest, where that may be later than can be told
     * @param foundBy {@code SIMULATION}: the queue's own decisions, run ahead; {@code LINE}, of jobs far behind: roughly, by what is ahead in
     *     the queue and what that holds and owns, with a range of a third to three times of the expected wait or more
     * @param pastEstimates of how many of the queue's last estimates that were found so it is known what became of them
     * @param pastRight how many of them were right: the job started between earliest and latest
     */
    @Schema(name = "EstimatedStart")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record EstimatedStart(
            Instant earliest,
            @Nullable Instant expected,
            @Nullable Instant latest,
            Instant toldAt,
            StartForecast.Basis foundBy,
            int pastEstimates,
            int pastRight) {

        static EstimatedStart of(StartForecast told, StartForecasts.Past past) {
            return new EstimatedStart(
                    told.earliest(),
                    told.expected(),
                    told.latest(),
                    told.toldAt(),
                    told.basis(),
                    past.jobs(),
                    past.right());
        }
    }

    /** @param heldTasks for how many of its tasks the job has resources now: fewer than {@code taskNumber} of an elastic one, none while it waits */
    @Schema(name = "TaskRole")
    record Role(
            String name,
            int taskNumber,
            int minTaskNumber,
            int heldTasks,
            Amount perTask,
            @Nullable String dockerImage,
            @Nullable Readiness readiness) {

        static Role of(TaskRoleRow role, List<Placed> placement) {
            return new Role(
                    role.name(),
                    role.taskNumber(),
                    role.minTaskNumber(),
                    Placed.tasksOf(role.name(), placement),
                    Amount.of(role.perTask()),
                    role.image(),
                    Readiness.of(role.readiness()));
        }
    }

    /** The path that tells whether a task can answer, and the name of the port at which it is asked for. */
    @Schema(name = "Readiness")
    record Readiness(String path, String port) {

        static @Nullable Readiness of(TaskRoleRow.@Nullable Readiness readiness) {
            return readiness == null ? null : new Readiness(readiness.path(), readiness.port());
        }
    }

    @Schema(name = "Job")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Detail(
            String id,
            String name,
            JobKindText kind,
            JobState state,
            @Nullable String reason,
            @Nullable String message,
            @Nullable Condition condition,
            @Nullable Idle idle,
            @Nullable Long position,
            @Nullable EstimatedStart estimatedStart,
            String owner,
            String queue,
            int priority,
            @Nullable String priorityClass,
            @Nullable String description,
            Amount resources,
            List<Role> taskRoles,
            Instant createdAt,
            @Nullable Instant admittedAt,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt,
            @Nullable String servePath,
            @Nullable List<String> assumptions) {

        static Detail of(
                Job job,
                List<TaskRoleRow> roles,
                @Nullable Long position,
                @Nullable EstimatedStart estimatedStart,
                @Nullable List<String> assumptions) {
            var disturbed = job.condition();
            var condition = disturbed == null
                    ? null
                    : new Condition(disturbed.reason(), disturbed.message(), disturbed.since());
            return new Detail(
                    job.id().toString(),
                    job.name().value(),
                    JobKindText.of(job.kind()),
                    job.state(),
                    job.reason(),
                    job.message(),
                    condition,
                    Idle.of(job.idle()),
                    position,
                    estimatedStart,
                    job.owner(),
                    job.queue().value(),
                    job.priority(),
                    job.priorityClass() == null ? null : job.priorityClass().value(),
                    job.description(),
                    Amount.of(job.total()),
                    roles.stream().map(role -> Role.of(role, job.placement())).toList(),
                    job.createdAt(),
                    job.admittedAt(),
                    job.startedAt(),
                    job.finishedAt(),
                    job.kind().serves() && job.state().isActive() ? "/serve/" + job.name() + "/" : null,
                    assumptions);
        }
    }

    /** The kind as the YAML writes it. */
    enum JobKindText {
        training,
        inference,
        conversion;

        static JobKindText of(JobKind kind) {
            return valueOf(kind.name().toLowerCase(Locale.ROOT));
        }
    }

    @Schema(name = "JobSummary")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Summary(
            String id,
            String name,
            JobKindText kind,
            JobState state,
            @Nullable String reason,
            @Nullable String message,
            @Nullable String condition,
            @Nullable Instant idleSince,
            String owner,
            String queue,
            int priority,
            @Nullable String priorityClass,
            Amount resources,
            Instant createdAt,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt) {

        static Summary of(JobSummary job) {
            return new Summary(
                    job.id().toString(),
                    job.name().value(),
                    JobKindText.of(job.kind()),
                    job.state(),
                    job.reason(),
                    job.message(),
                    job.conditionReason(),
                    job.idleSince(),
                    job.owner(),
                    job.queue().value(),
                    job.priority(),
                    job.priorityClass() == null ? null : job.priorityClass().value(),
                    Amount.of(job.total()),
                    job.createdAt(),
                    job.startedAt(),
                    job.finishedAt());
        }
    }

    /** A job that waits, and where it stands in the line of its queue, from 1. */
    @Schema(name = "InLine")
    record InLine(int position, Summary job) {}

    /** A page of a list; {@code next} is the value of {@code before} for the page that follows. */
    @Schema(name = "JobPage")
    record Page(List<Summary> items, @Nullable String next) {}

    @Schema(name = "Attempt")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record AttemptView(
            String uid,
            int run,
            int number,
            String state,
            @Nullable String node,
            List<String> endpoints,
            @Nullable Integer exitCode,
            @Nullable String reason,
            @Nullable String message,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt) {

        static AttemptView of(TaskAttempt attempt) {
            var report = attempt.report();
            return new AttemptView(
                    attempt.uid(),
                    attempt.run(),
                    attempt.number(),
                    report.state(),
                    report.node(),
                    report.endpoints(),
                    report.exitCode(),
                    report.reason(),
                    report.message(),
                    report.startedAt(),
                    report.finishedAt());
        }
    }

    @Schema(name = "Task")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record TaskView(
            String task,
            String role,
            int index,
            TaskState state,
            boolean ready,
            @Nullable String message,
            List<AttemptView> attempts) {

        static TaskView of(Task task, List<TaskAttempt> attempts) {
            return new TaskView(
                    task.role() + "-" + task.index(),
                    task.role(),
                    task.index(),
                    task.state(),
                    task.ready(),
                    task.message(),
                    attempts.stream()
                            .filter(attempt -> attempt.role().equals(task.role()) && attempt.index() == task.index())
                            .map(AttemptView::of)
                            .toList());
        }
    }

    @Schema(name = "JobEvent")
    record EventView(long id, Instant at, JobEvent.Type type, String reason, String message) {
        static EventView of(JobEvent event) {
            return new EventView(event.id(), event.at(), event.type(), event.reason(), event.message());
        }
    }
}
