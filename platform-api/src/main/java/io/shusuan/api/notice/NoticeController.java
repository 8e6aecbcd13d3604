package io.shusuan.api.notice;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.shusuan.api.security.Caller;
import io.shusuan.db.notice.Notice;
import io.shusuan.db.notice.NoticeKind;
import io.shusuan.db.notice.Notices;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.security.Principal;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What the caller is told. */
@RestController
@Tag(name = "Notices", description = "What people are told of their jobs though they do not look")
class NoticeController {

    private static final int MOST = 100;

    private final Notices notices;
    private final Clock clock;

    NoticeController(Notices notices, Clock clock) {
        this.notices = notices;
        this.clock = clock;
    }

    /**
     * A notice.
     *
     * @param job its id; the job may be deleted
     * @param readAt when it was said to be read
     */
    @Schema(name = "Notice")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record View(
            long id,
            Instant at,
            NoticeKind kind,
            String job,
            String jobName,
            String queue,
            String message,
            @Nullable Instant readAt) {

        static View of(Notice notice) {
            return new View(
                    notice.id(),
                    notice.at(),
                    notice.kind(),
                    notice.job().toString(),
                    notice.jobName(),
                    notice.queue(),
                    notice.message(),
                    notice.readAt());
        }
    }

    @GetMapping("/api/v1/notices")
    @Operation(summary = "Your last 100 notices, the newest first", description = "They are kept for 90 days.")
    List<View> list(Principal principal) {
        return notices.of(Caller.of(principal).name(), MOST).stream()
                .map(View::of)
                .toList();
    }

    @PostMapping("/api/v1/notices:read")
    @ApiResponse(responseCode = "204", description = "They are read")
    @Operation(summary = "Say that you have read your notices, up to one of them")
    ResponseEntity<Void> read(@RequestParam long upTo, Principal principal) {
        notices.read(Caller.of(principal).name(), upTo, clock.instant());
        return ResponseEntity.noContent().build();
    }
}
