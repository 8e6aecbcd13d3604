package io.shusuan.api.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.shusuan.db.job.Eviction;
import io.shusuan.db.job.EvictionCause;
import io.shusuan.db.job.EvictionLog;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What jobs had to give back for others. */
@RestController
@RequestMapping("/api/v1/jobs")
@Tag(name = "Jobs")
class EvictionController {

    private final KnownJobs jobs;
    private final EvictionLog evictions;

    EvictionController(KnownJobs jobs, EvictionLog evictions) {
        this.jobs = jobs;
        this.evictions = evictions;
    }

    /**
     * An eviction.
     *
     * @param run that ended with it
     * @param preemptor the job for which it was; missing, if its queue was stopped
     * @param wastedGpuSeconds what the run had used, which is lost if it saved none of its work
     */
    @Schema(name = "Eviction")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record View(
            int run,
            Instant at,
            EvictionCause cause,
            @Nullable String preemptor,
            long wastedGpuSeconds) {

        static View of(Eviction eviction) {
            return new View(
                    eviction.run(),
                    eviction.at(),
                    eviction.cause(),
                    eviction.preemptor() == null ? null : eviction.preemptor().toString(),
                    eviction.wastedGpuSeconds());
        }
    }

    @GetMapping("/{id}/evictions")
    @Operation(summary = "When a job was evicted, for whom, and what that wasted")
    List<View> list(@PathVariable String id) {
        return evictions.of(jobs.get(id).id()).stream().map(View::of).toList();
    }
}
