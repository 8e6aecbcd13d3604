package io.shusuan.api.queue;

import io.shusuan.api.security.Caller;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.job.WhatIf;
import io.shusuan.scheduler.sharing.Flavour;
import io.shusuan.scheduler.sharing.SharingControl;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** The flavours: kinds of nodes that quotas are given of. */
@RestController
@RequestMapping("/api/v1/flavours")
@Tag(name = "Queues")
class FlavourController {

    private final SharingControl sharing;
    private final WhatIf whatIf;

    FlavourController(SharingControl sharing, WhatIf whatIf) {
        this.sharing = sharing;
        this.whatIf = whatIf;
    }

    /** A kind of nodes: those that have all these labels, and are of no flavour that names more of theirs. */
    @Schema(name = "Flavour")
    record View(String name, Map<String, String> labels) {
        static View of(Flavour flavour) {
            return new View(flavour.name().value(), flavour.labels());
        }
    }

    @GetMapping
    @Operation(summary = "All flavours")
    List<View> list() {
        return sharing.read().flavours().stream().map(View::of).toList();
    }

    @PutMapping("/{name}")
    @Operation(
            summary = "Make a flavour, or say by which labels its nodes are known",
            requestBody =
                    @io.swagger.v3.oas.annotations.parameters.RequestBody(
                            content =
                                    @Content(
                                            mediaType = "application/json",
                                            schema = @Schema(implementation = FlavourBody.Body.class))))
    View put(@PathVariable String name, @RequestBody JsonNode json, Principal principal) {
        var caller = Caller.of(principal);
        caller.requireAdmin("making and changing flavours");
        var made = FlavourBody.read(name, json);
        sharing.change(made, caller.name());
        return View.of(made);
    }

    @PostMapping("/{name}:preview")
    @Operation(
            summary = "Ask what other labels would do",
            description = "As with queues; and tells which nodes would be of another flavour.",
            requestBody =
                    @io.swagger.v3.oas.annotations.parameters.RequestBody(
                            content =
                                    @Content(
                                            mediaType = "application/json",
                                            schema = @Schema(implementation = FlavourBody.Body.class))))
    PreviewView preview(@PathVariable String name, @RequestBody JsonNode json, Principal principal)
            throws ClusterUnavailableException {
        Caller.of(principal).requireAdmin("trying labels of flavours");
        return PreviewView.of(whatIf.changed(FlavourBody.read(name, json)));
    }

    @DeleteMapping("/{name}")
    @ApiResponse(responseCode = "204", description = "It is gone")
    @Operation(summary = "Remove a flavour of which nobody has a quota")
    ResponseEntity<Void> remove(@PathVariable String name, Principal principal) {
        var caller = Caller.of(principal);
        caller.requireAdmin("removing flavours");
        var reader = new SettingsReader();
        var flavour = reader.flavour("name", name);
        reader.finish();
        sharing.remove(Objects.requireNonNull(flavour), caller.name());
        return ResponseEntity.noContent().build();
    }
}
