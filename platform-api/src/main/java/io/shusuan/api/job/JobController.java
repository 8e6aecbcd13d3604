package io.shusuan.api.job;

import io.shusuan.api.job.JobViews.EstimatedStart;
import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.api.security.Caller;
import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobEvents;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobSearch;
import io.shusuan.db.job.StartForecasts;
import io.shusuan.db.job.TaskAttempts;
import io.shusuan.db.job.TaskRoles;
import io.shusuan.db.job.Tasks;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.job.JobControl;
import io.shusuan.scheduler.job.Submission;
import io.shusuan.scheduler.job.Submissions;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.security.Principal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Jobs, one by one. */
@RestController
@RequestMapping("/api/v1/jobs")
@Tag(name = "Jobs", description = "Submit jobs, look at them, stop and delete them")
class JobController {

    private static final int MAX_EVENTS = 1000;

    private final Submissions submissions;
    private final JobControl control;
    private final KnownJobs jobs;
    private final TaskRoles roles;
    private final Tasks tasks;
    private final TaskAttempts attempts;
    private final JobEvents events;
    private final JobSearch search;
    private final StartForecasts forecasts;

    JobController(
            Submissions submissions,
            JobControl control,
            KnownJobs jobs,
            TaskRoles roles,
            Tasks tasks,
            TaskAttempts attempts,
            JobEvents events,
            JobSearch search,
            StartForecasts forecasts) {
        this.submissions = submissions;
        this.control = control;
        this.jobs = jobs;
        this.roles = roles;
        this.tasks = tasks;
        this.attempts = attempts;
        this.events = events;
        this.search = search;
        this.forecasts = forecasts;
    }

    @PostMapping
    @Operation(
            summary = "Submit a job",
            description =
                    "Takes the job's YAML or JSON unchanged. Answers 201 with the stored job; nothing of it has run by then."
                            + " All faults of a text are answered at once.")
    @TakesJobText
    @ApiResponse(
            responseCode = "201",
            description = "The stored job",
            headers = @Header(name = "Location", description = "Where it is found", schema = @Schema(type = "string")))
    ResponseEntity<JobViews.Detail> submit(
            HttpServletRequest request,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String idempotencyKey,
            Principal principal)
            throws IOException {
        if (idempotencyKey != null && (idempotencyKey.isBlank() || idempotencyKey.length() > 255)) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST, "Idempotency-Key must have 1 to 255 characters, not all blank");
        }
        var body = SpecBody.of(request);
        var accepted = submissions.submit(new Submission(
                body.text(), body.mediaType(), Caller.of(principal).name(), idempotencyKey));
        var answer = ResponseEntity.created(URI.create("/api/v1/jobs/" + accepted.id()));
        var stored = accepted.stored();
        if (stored == null) {
            return answer.header("Idempotency-Replayed", "true")
                    .body(detail(madeEarlier(accepted.id()), accepted.assumptions()));
        }
        var job = stored.job();
        // Nobody has estimated yet when it will start.
        return answer.body(JobViews.Detail.of(job, stored.roles(), stored.position(), null, accepted.assumptions()));
    }

    private Job madeEarlier(JobId id) {
        return jobs.find(id)
                .orElseThrow(() -> new ProblemException(
                        ProblemKind.NOT_FOUND,
                        "the job %s that this Idempotency-Key made has been deleted: use a new key for a new job"
                                .formatted(id)));
    }

    @GetMapping("/{id}")
    @Operation(summary = "One job, with why it is in its state")
    JobViews.Detail get(@PathVariable String id) {
        return detail(jobs.get(id), null);
    }

    @GetMapping("/{id}/spec")
    @Operation(summary = "The submitted text, byte for byte")
    @ApiResponse(
            responseCode = "200",
            content = @Content(mediaType = "application/yaml", schema = @Schema(type = "string")))
    ResponseEntity<byte[]> spec(@PathVariable String id) {
        var job = jobs.get(id);
        return ResponseEntity.ok()
                .header(HttpHeaders.CONTENT_TYPE, job.specMediaType() + ";charset=utf-8")
                .body(job.spec());
    }

    @GetMapping("/{id}/tasks")
    @Operation(summary = "The tasks of a job, each with its attempts")
    @Transactional(readOnly = true)
    List<JobViews.TaskView> tasks(@PathVariable String id) {
        var job = jobs.get(id).id();
        var tried = attempts.of(job);
        return tasks.of(job).stream()
                .map(task -> JobViews.TaskView.of(task, tried))
                .toList();
    }

    @GetMapping("/{id}/events")
    @Operation(summary = "What happened to a job, oldest first")
    List<JobViews.EventView> events(
            @PathVariable String id,
            @RequestParam(defaultValue = "0") long after,
            @RequestParam(defaultValue = "200") int limit) {
        return events.of(jobs.get(id).id(), after, Math.clamp(limit, 1, MAX_EVENTS)).stream()
                .map(JobViews.EventView::of)
                .toList();
    }

    @PostMapping("/{id}/stop")
    @ApiResponse(responseCode = "202", description = "The job; it ends soon")
    @Operation(summary = "Ask for the end of a job", description = "Asking again changes nothing.")
    ResponseEntity<JobViews.Detail> stop(@PathVariable String id, Principal principal) {
        var caller = Caller.of(principal);
        var job = jobs.get(id);
        caller.requireMayChange(job);
        control.stop(job.id(), caller.name());
        return ResponseEntity.accepted().body(detail(jobs.get(id), null));
    }

    @DeleteMapping("/{id}")
    @ApiResponse(responseCode = "204", description = "It is gone")
    @Operation(summary = "Delete a job that has ended, with its logs and artifacts")
    ResponseEntity<Void> delete(@PathVariable String id, Principal principal) throws ClusterUnavailableException {
        var job = jobs.get(id);
        Caller.of(principal).requireMayChange(job);
        control.delete(job.id());
        return ResponseEntity.noContent().build();
    }

    private JobViews.Detail detail(Job job, @Nullable List<String> assumptions) {
        var estimate = forecasts
                .of(job.id())
                .map(told -> EstimatedStart.of(told, forecasts.past(job.queue(), told.basis())))
                .orElse(null);
        return JobViews.Detail.of(job, roles.of(job.id()), search.position(job), estimate, assumptions);
    }
}
