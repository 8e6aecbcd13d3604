package io.shusuan.api.queue;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.shusuan.api.security.Caller;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.job.WhatIf;
import io.shusuan.scheduler.sharing.CohortSettings;
import io.shusuan.scheduler.sharing.SharingControl;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.security.Principal;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** The cohorts: queues that lend to each other what they leave unused. */
@RestController
@RequestMapping("/api/v1/cohorts")
@Tag(name = "Queues")
class CohortController {

    private final SharingControl sharing;
    private final WhatIf whatIf;

    CohortController(SharingControl sharing, WhatIf whatIf) {
        this.whatIf = whatIf;
        this.sharing = sharing;
    }

    /**
     * A cohort.
     *
     * @param parent the cohort that it is in
     * @param quotas what it has itself, for whichever member needs it
     */
    @Schema(name = "Cohort")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record View(String name, @Nullable String parent, double weight, List<QuotaView> quotas) {

        static View of(CohortSettings cohort) {
            return new View(
                    cohort.name().value(),
                    cohort.parent() == null ? null : cohort.parent().value(),
                    cohort.weight(),
                    cohort.quotas().stream().map(QuotaView::of).toList());
        }
    }

    @GetMapping
    @Operation(summary = "All cohorts")
    List<View> list() {
        return sharing.read().cohorts().stream().map(View::of).toList();
    }

    @PutMapping("/{name}")
    @Operation(
            summary = "Make a cohort, or replace its settings",
            description = "confirm=true as with queues.",
            requestBody =
                    @io.swagger.v3.oas.annotations.parameters.RequestBody(
                            content =
                                    @Content(
                                            mediaType = "application/json",
                                            schema = @Schema(implementation = CohortBody.Body.class))))
    View put(
            @PathVariable String name,
            @RequestParam(defaultValue = "false") boolean confirm,
            @RequestBody JsonNode json,
            Principal principal) {
        var caller = Caller.of(principal);
        caller.requireAdmin("making and changing cohorts");
        var settings = CohortBody.read(name, json);
        sharing.change(settings, confirm, caller.name());
        return View.of(settings);
    }

    @PostMapping("/{name}:preview")
    @Operation(
            summary = "Ask what changed settings would do",
            description = "As with queues.",
            requestBody =
                    @io.swagger.v3.oas.annotations.parameters.RequestBody(
                            content =
                                    @Content(
                                            mediaType = "application/json",
                                            schema = @Schema(implementation = CohortBody.Body.class))))
    PreviewView preview(@PathVariable String name, @RequestBody JsonNode json, Principal principal)
            throws ClusterUnavailableException {
        Caller.of(principal).requireAdmin("trying settings of cohorts");
        return PreviewView.of(whatIf.changed(CohortBody.read(name, json)));
    }

    @DeleteMapping("/{name}")
    @ApiResponse(responseCode = "204", description = "It is gone")
    @Operation(summary = "Remove a cohort that has no members")
    ResponseEntity<Void> remove(@PathVariable String name, Principal principal) {
        var caller = Caller.of(principal);
        caller.requireAdmin("removing cohorts");
        var reader = new SettingsReader();
        var cohort = reader.cohort("name", name);
        reader.finish();
        sharing.remove(Objects.requireNonNull(cohort), caller.name());
        return ResponseEntity.noContent().build();
    }
}
