package io.shusuan.api.queue;

import io.shusuan.api.security.Caller;
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
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
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

    private static final int MOST_LABELS = 16;
    private static final int LONGEST_LABEL = 317;

    private final SharingControl sharing;

    FlavourController(SharingControl sharing) {
        this.sharing = sharing;
    }

    /** A kind of nodes: those that have all these labels, and are of no flavour that names more of theirs. */
    @Schema(name = "Flavour")
    record View(String name, Map<String, String> labels) {
        static View of(Flavour flavour) {
            return new View(flavour.name().value(), flavour.labels());
        }
    }

    /** By what its nodes are known. */
    @Schema(name = "FlavourLabels")
    record Body(@Nullable Map<String, String> labels) {}

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
                                            schema = @Schema(implementation = Body.class))))
    View put(@PathVariable String name, @RequestBody JsonNode json, Principal principal) {
        Caller.of(principal).requireAdmin("making and changing flavours");
        var body = SettingsReader.read(json, Body.class);
        var reader = new SettingsReader();
        var flavour = reader.flavour("name", name);
        var labels = Objects.requireNonNullElse(body.labels(), Map.<String, String>of());
        if (labels.size() > MOST_LABELS) {
            reader.wrong("labels", "must be at most %d, not %d".formatted(MOST_LABELS, labels.size()));
        }
        labels.forEach((label, value) -> {
            if (label.isBlank() || value == null || label.length() > LONGEST_LABEL || value.length() > LONGEST_LABEL) {
                reader.wrong(
                        "labels",
                        "must have a key and a value each, of at most %d characters".formatted(LONGEST_LABEL));
            }
        });
        reader.finish();
        var made = new Flavour(Objects.requireNonNull(flavour), labels);
        sharing.change(made);
        return View.of(made);
    }

    @DeleteMapping("/{name}")
    @ApiResponse(responseCode = "204", description = "It is gone")
    @Operation(summary = "Remove a flavour of which nobody has a quota")
    ResponseEntity<Void> remove(@PathVariable String name, Principal principal) {
        Caller.of(principal).requireAdmin("removing flavours");
        var reader = new SettingsReader();
        var flavour = reader.flavour("name", name);
        reader.finish();
        sharing.remove(Objects.requireNonNull(flavour));
        return ResponseEntity.noContent().build();
    }
}
