package io.shusuan.api.queue;

import io.shusuan.api.problem.Excerpt;
import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.api.security.Caller;
import io.shusuan.db.queue.Cycles;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.replay.KeptCycles;
import io.shusuan.scheduler.replay.Recording;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.DataOutputStream;
import java.io.IOException;
import java.security.Principal;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** The cycles of the queue that were kept. They tell of everybody's jobs and quotas, so only administrators have them. */
@RestController
@Tag(name = "Queues")
class CycleController {

    private static final int MOST = 1000;
    private static final String LOOKING = "looking at the queue's cycles";

    private final Cycles cycles;
    private final KeptCycles kept;

    CycleController(Cycles cycles, KeptCycles kept) {
        this.cycles = cycles;
        this.kept = kept;
    }

    @GetMapping("/api/v1/cycles")
    @Operation(
            summary = "The queue's cycles that decided something, the newest first",
            description =
                    "Kept for eight days, and up to 512 MB. before is the id of a cycle, for those before it. With queue only"
                            + " those that gave its jobs room or told them to leave; with job (a name or an id) only those that did so"
                            + " with it, or in which it waited.")
    List<CycleViews.View> list(
            @RequestParam(defaultValue = "" + Long.MAX_VALUE) long before,
            @RequestParam(defaultValue = "50") int limit,
            @RequestParam(defaultValue = "") String queue,
            @RequestParam(defaultValue = "") String job,
            Principal principal) {
        Caller.of(principal).requireAdmin(LOOKING);
        return kept.before(before, filter(queue, job), checked(limit)).stream()
                .map(CycleViews.View::of)
                .toList();
    }

    @GetMapping("/api/v1/cycles/{id}")
    @Operation(
            summary = "What a cycle decided about each job, and why",
            description = "Decided again from what was kept. With queue or job (a name or an id) only of those.")
    CycleViews.AccountView one(
            @PathVariable long id,
            @RequestParam(defaultValue = "200") int limit,
            @RequestParam(defaultValue = "") String queue,
            @RequestParam(defaultValue = "") String job,
            Principal principal) {
        Caller.of(principal).requireAdmin(LOOKING);
        return kept.account(id, filter(queue, job), checked(limit))
                .map(CycleViews.AccountView::of)
                .orElseThrow(() -> new ProblemException(
                        ProblemKind.NOT_FOUND,
                        "cycle %d is not kept, or cannot be read any more; GET /api/v1/cycles lists those that are"
                                .formatted(id)));
    }

    @GetMapping("/api/v1/cycles:why")
    @Operation(
            summary = "Why one job was given room while another one waited",
            description = "Both by name or id: of the last cycle of which that holds.")
    CycleViews.PrecedenceView why(@RequestParam String first, @RequestParam String second, Principal principal) {
        Caller.of(principal).requireAdmin(LOOKING);
        return kept.why(first, second)
                .map(CycleViews.PrecedenceView::of)
                .orElseThrow(() -> new ProblemException(
                        ProblemKind.NOT_FOUND,
                        "in none of the last kept cycles was '%s' given room while '%s' waited; ask the other way round, or look at ./shusuan replay why"
                                .formatted(Excerpt.of(first), Excerpt.of(second))));
    }

    private static KeptCycles.Filter filter(String queue, String job) {
        if (!queue.isEmpty() && !QueueName.isValid(queue)) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST,
                    "'%s' is no queue name; it must be %s".formatted(Excerpt.of(queue), QueueName.RULE));
        }
        return new KeptCycles.Filter(queue.isEmpty() ? null : new QueueName(queue), job.isEmpty() ? null : job);
    }

    private static int checked(int limit) {
        if (limit < 1 || limit > MOST) {
            throw new ProblemException(ProblemKind.BAD_REQUEST, "limit is %d; give 1 to %d".formatted(limit, MOST));
        }
        return limit;
    }

    @GetMapping("/api/v1/cycles:recording")
    @Operation(
            summary = "All that was kept of the cycles, for ./shusuan replay",
            description = "With from only those since that time.")
    @ApiResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_OCTET_STREAM_VALUE,
                            schema = @Schema(type = "string", format = "binary")))
    ResponseEntity<StreamingResponseBody> recording(@RequestParam(defaultValue = "") String from, Principal principal) {
        Caller.of(principal).requireAdmin(LOOKING);
        var since = from.isEmpty() ? Instant.EPOCH : time(from);
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                .body(out -> {
                    var file = new DataOutputStream(out);
                    cycles.<IOException>read(since, (id, content) -> Recording.write(file, id, content));
                    file.flush();
                });
    }

    private static Instant time(String from) {
        try {
            return Instant.parse(from);
        } catch (DateTimeParseException noTime) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST, "from is '%s'; give a time such as 2026-01-15T08:00:00Z".formatted(from));
        }
    }
}
