package io.shusuan.api.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.shusuan.api.job.JobViews.EstimatedStart;
import io.shusuan.api.security.Caller;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.job.JobCheck;
import io.shusuan.scheduler.job.JobCheck.Verdict;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.security.Principal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** What would become of a job, asked before it is submitted. */
@RestController
@Tag(name = "Jobs")
class CheckController {

    private final JobCheck check;

    CheckController(JobCheck check) {
        this.check = check;
    }

    /** When it would run. */
    enum When {
        NOW,
        LATER,
        NEVER
    }

    /** A change of one field that would let it run some day. */
    @Schema(name = "JobChange")
    record ChangeView(String field, long value) {}

    /**
     * The answer.
     *
     * @param nodes where it would run now
     * @param position where it would stand in its queue
     * @param estimatedStart if it would wait, and something can be told about how long
     * @param changes if it can never run: each of these alone would help
     */
    @Schema(name = "JobCheck")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record View(
            When verdict,
            @Nullable List<String> nodes,
            @Nullable String reason,
            @Nullable String message,
            @Nullable Integer position,
            @Nullable EstimatedStart estimatedStart,
            @Nullable List<ChangeView> changes,
            List<String> assumptions) {

        static View of(JobCheck.Checked checked) {
            var assumptions = checked.assumptions();
            return switch (checked.verdict()) {
                case Verdict.Now now -> new View(When.NOW, now.nodes(), null, null, null, null, null, assumptions);
                case Verdict.Later later ->
                    new View(
                            When.LATER,
                            null,
                            later.reason(),
                            later.sentence(),
                            later.position(),
                            estimatedStart(checked.start()),
                            null,
                            assumptions);
                case Verdict.Never never ->
                    new View(
                            When.NEVER,
                            null,
                            never.reason(),
                            never.sentence(),
                            null,
                            null,
                            never.changes().stream()
                                    .map(change -> new ChangeView(change.field(), change.value()))
                                    .toList(),
                            assumptions);
            };
        }

        private static @Nullable EstimatedStart estimatedStart(JobCheck.@Nullable Start start) {
            return start == null ? null : EstimatedStart.of(start.told(), start.past());
        }
    }

    @PostMapping("/api/v1/jobs:check")
    @Operation(
            summary = "Ask what would become of a job",
            description =
                    "Takes what a submission takes and answers its faults in the same way. Stores nothing: by the time the job"
                            + " is submitted, others may have come before it.")
    @TakesJobText
    View check(HttpServletRequest request, Principal principal) throws IOException, ClusterUnavailableException {
        return View.of(
                check.check(SpecBody.of(request).text(), Caller.of(principal).name()));
    }
}
