package io.shusuan.api.job;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.api.queue.JobPriorityBody;
import io.shusuan.api.queue.KnownQueues;
import io.shusuan.api.security.Caller;
import io.shusuan.db.job.JobSearch;
import io.shusuan.db.job.TaskRoles;
import io.shusuan.scheduler.job.JobControl;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.security.Principal;
import java.util.ArrayList;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** The line of a queue: seen by everybody, put into another order by administrators. */
@RestController
@Tag(name = "Queues")
class LineController {

    private static final int MOST = 1000;

    private final KnownQueues queues;
    private final JobSearch search;
    private final KnownJobs jobs;
    private final TaskRoles roles;
    private final JobControl control;

    LineController(KnownQueues queues, JobSearch search, KnownJobs jobs, TaskRoles roles, JobControl control) {
        this.queues = queues;
        this.search = search;
        this.jobs = jobs;
        this.roles = roles;
        this.control = control;
    }

    @GetMapping("/api/v1/queues/{name}/line")
    @Operation(
            summary = "The jobs that wait in a queue, in the order of the line",
            description =
                    "The first of them, at most limit. Who stands first has waited longest, each point of priority counting ten minutes.")
    List<JobViews.InLine> line(@PathVariable String name, @RequestParam(defaultValue = "100") int limit) {
        if (limit < 1 || limit > MOST) {
            throw new ProblemException(ProblemKind.BAD_REQUEST, "limit is %d; give 1 to %d".formatted(limit, MOST));
        }
        var line = new ArrayList<JobViews.InLine>();
        for (var job : search.line(queues.get(name), limit)) {
            line.add(new JobViews.InLine(line.size() + 1, JobViews.Summary.of(job)));
        }
        return line;
    }

    @PutMapping("/api/v1/jobs/{id}/priority")
    @Operation(
            summary = "Give a job another priority",
            description =
                    "A number, or the class whose value it has from now on. One that waits moves in its line at once. Refused where the"
                            + " queue does not take that priority (priority-not-taken), and of a job that has ended (wrong-state).",
            requestBody =
                    @io.swagger.v3.oas.annotations.parameters.RequestBody(
                            content =
                                    @Content(
                                            mediaType = "application/json",
                                            schema = @Schema(implementation = JobPriorityBody.class))))
    JobViews.Detail prioritise(@PathVariable String id, @RequestBody JsonNode body, Principal principal) {
        var caller = Caller.of(principal);
        caller.requireAdmin("changing the priority of jobs");
        var given = JobPriorityBody.read(body);
        control.prioritise(jobs.get(id).id(), given, caller.name());
        var job = jobs.get(id);
        return JobViews.Detail.of(job, roles.of(job.id()), search.position(job), null, null);
    }
}
