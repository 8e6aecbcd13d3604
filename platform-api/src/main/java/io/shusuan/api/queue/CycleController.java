package io.shusuan.api.queue;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.api.security.Caller;
import io.shusuan.db.queue.Cycles;
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
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** The cycles of the queue that were kept. They tell of everybody's jobs and quotas, so only administrators have them. */
@RestController
@Tag(name = "Queues")
class CycleController {

    private static final int MOST = 1000;

    private final Cycles cycles;

    CycleController(Cycles cycles) {
        this.cycles = cycles;
    }

    /**
     * A cycle in which somebody was admitted or told to leave.
     *
     * @param waiting how many jobs waited when it began
     * @param running how many had resources
     * @param leaving how many were told to leave
     * @param bytes what keeping it takes
     */
    @Schema(name = "Cycle")
    record View(long id, Instant at, int waiting, int running, int admitted, int leaving, int bytes) {

        static View of(Cycles.Kept kept) {
            var cycle = kept.cycle();
            return new View(
                    kept.id(),
                    cycle.at(),
                    cycle.waiting(),
                    cycle.running(),
                    cycle.admitted(),
                    cycle.leaving(),
                    kept.bytes());
        }
    }

    @GetMapping("/api/v1/cycles")
    @Operation(
            summary = "The queue's cycles that decided something, the newest first",
            description = "Kept for eight days, and up to 512 MB. before is the id of a cycle, for those before it.")
    List<View> list(
            @RequestParam(defaultValue = "" + Long.MAX_VALUE) long before,
            @RequestParam(defaultValue = "50") int limit,
            Principal principal) {
        Caller.of(principal).requireAdmin("looking at the queue's cycles");
        if (limit < 1 || limit > MOST) {
            throw new ProblemException(ProblemKind.BAD_REQUEST, "limit is %d; give 1 to %d".formatted(limit, MOST));
        }
        return cycles.before(before, limit).stream().map(View::of).toList();
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
        Caller.of(principal).requireAdmin("looking at the queue's cycles");
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
