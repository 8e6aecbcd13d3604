package io.shusuan.api.queue;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.shusuan.api.security.Caller;
import io.shusuan.db.queue.PriorityClassName;
import io.shusuan.db.queue.PriorityClasses;
import io.shusuan.scheduler.sharing.PriorityControl;
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
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** The priority classes: names that jobs give for a priority. */
@RestController
@RequestMapping("/api/v1/priority-classes")
@Tag(name = "Queues")
class PriorityClassController {

    private final PriorityControl priorities;

    PriorityClassController(PriorityControl priorities) {
        this.priorities = priorities;
    }

    /**
     * A class.
     *
     * @param value the priority of its jobs
     * @param waiting how many jobs of it wait
     * @param holding how many have resources
     */
    @Schema(name = "PriorityClass")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record View(String name, int value, @Nullable String description, long waiting, long holding) {

        static View of(PriorityClasses.Used used) {
            var priority = used.priority();
            return new View(
                    priority.name().value(), priority.value(), priority.description(), used.waiting(), used.holding());
        }
    }

    @GetMapping
    @Operation(summary = "All priority classes, the most urgent first")
    List<View> list() {
        return priorities.all().stream().map(View::of).toList();
    }

    @PutMapping("/{name}")
    @Operation(
            summary = "Make a priority class, or change what it is worth",
            description = "Its active jobs have the new priority from now on: those that wait move in their lines.",
            requestBody =
                    @io.swagger.v3.oas.annotations.parameters.RequestBody(
                            content =
                                    @Content(
                                            mediaType = "application/json",
                                            schema = @Schema(implementation = PriorityClassBody.class))))
    View put(@PathVariable String name, @RequestBody JsonNode json, Principal principal) {
        Caller.of(principal).requireAdmin("making and changing priority classes");
        var priority = PriorityClassBody.read(name, json);
        priorities.change(priority);
        return priorities.all().stream()
                .filter(used -> used.priority().name().equals(priority.name()))
                .findFirst()
                .map(View::of)
                .orElseThrow(); // removed just now by somebody else
    }

    @DeleteMapping("/{name}")
    @ApiResponse(responseCode = "204", description = "It is gone")
    @Operation(summary = "Remove a priority class of which no active job is")
    ResponseEntity<Void> remove(@PathVariable String name, Principal principal) {
        Caller.of(principal).requireAdmin("removing priority classes");
        var reader = new SettingsReader();
        var found = reader.isName("name", name) ? new PriorityClassName(name) : null;
        reader.finish();
        priorities.remove(Objects.requireNonNull(found));
        return ResponseEntity.noContent().build();
    }
}
