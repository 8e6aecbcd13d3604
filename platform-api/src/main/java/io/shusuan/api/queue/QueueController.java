package io.shusuan.api.queue;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.api.security.Caller;
import io.shusuan.db.queue.Queue;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.idle.IdlePreview;
import io.shusuan.scheduler.job.Delegations;
import io.shusuan.scheduler.job.QueueControl;
import io.shusuan.scheduler.job.WhatIf;
import io.shusuan.scheduler.sharing.SharingControl;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.security.Principal;
import java.util.List;
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

/** The queues: seen by everybody, changed by administrators. */
@RestController
@RequestMapping("/api/v1/queues")
@Tag(name = "Queues", description = "Queues that jobs are submitted to, and how they share the nodes")
class QueueController {

    private final QueueControl queues;
    private final SharingControl sharing;
    private final WhatIf whatIf;
    private final Delegations delegations;
    private final IdlePreview idle;

    QueueController(
            QueueControl queues, SharingControl sharing, WhatIf whatIf, Delegations delegations, IdlePreview idle) {
        this.idle = idle;
        this.whatIf = whatIf;
        this.delegations = delegations;
        this.queues = queues;
        this.sharing = sharing;
    }

    @GetMapping
    @Operation(summary = "All queues, with what they may use and what they use")
    List<QueueViews.View> list() {
        var settings = sharing.read();
        var uses = sharing.uses();
        var balances = uses.balances(settings);
        return queues.all().stream()
                .flatMap(queue -> settings.queue(queue.name()).stream()
                        .map(found -> QueueViews.View.of(queue, found, uses, balances)))
                .toList();
    }

    @PutMapping("/{name}")
    @Operation(
            summary = "Make a queue, or change its settings",
            description =
                    "Without a body, one that is there already stays as it is. With one, its settings are replaced as a whole."
                            + " Settings that leave less than its jobs use are refused with what they would do, unless confirm=true.",
            requestBody =
                    @io.swagger.v3.oas.annotations.parameters.RequestBody(
                            content =
                                    @Content(
                                            mediaType = "application/json",
                                            schema = @Schema(implementation = QueueViews.Body.class))))
    QueueViews.View put(
            @PathVariable String name,
            @RequestParam(defaultValue = "false") boolean confirm,
            @RequestBody(required = false) @Nullable JsonNode body,
            Principal principal)
            throws ClusterUnavailableException {
        var caller = Caller.of(principal);
        caller.requireAdmin("making and changing queues");
        var queue = parse(name);
        if (body != null) {
            var settings = QueueBody.read(queue, body);
            delegations.check(settings);
            sharing.change(settings, confirm, caller.name());
        }
        return view(queues.create(queue, caller.name()));
    }

    @PostMapping("/{name}:preview")
    @Operation(
            summary = "Ask what changed settings would do",
            description =
                    "Takes what a change takes, refuses what it refuses, and stores nothing. Tells whose next decision would be"
                            + " another one: who would run, wait, evict or be evicted.",
            requestBody =
                    @io.swagger.v3.oas.annotations.parameters.RequestBody(
                            content =
                                    @Content(
                                            mediaType = "application/json",
                                            schema = @Schema(implementation = QueueViews.Body.class))))
    PreviewView preview(@PathVariable String name, @RequestBody JsonNode body, Principal principal)
            throws ClusterUnavailableException {
        Caller.of(principal).requireAdmin("trying settings of queues");
        var settings = QueueBody.read(parse(name), body);
        delegations.check(settings);
        return PreviewView.of(whatIf.changed(settings), idle.of(settings.name(), settings.idle()));
    }

    @PostMapping("/{name}/hold")
    @Operation(
            summary = "Hold a queue",
            description = "It goes on taking submissions and admits none; what runs goes on.")
    QueueViews.View hold(@PathVariable String name, Principal principal) {
        return become(name, QueueState.HELD, false, principal, "holding a queue");
    }

    @PostMapping("/{name}/drain")
    @Operation(
            summary = "Drain a queue",
            description =
                    "It takes no submissions and admits none; what runs goes on to its end, and what waits waits on.")
    QueueViews.View drain(@PathVariable String name, Principal principal) {
        return become(name, QueueState.DRAINED, false, principal, "draining a queue");
    }

    @PostMapping("/{name}/stop")
    @Operation(
            summary = "Stop a queue",
            description =
                    "It takes submissions and admits none; what runs is evicted, and waits again at its old place."
                            + " Refused with how many jobs that are, unless confirm=true.")
    QueueViews.View stop(
            @PathVariable String name, @RequestParam(defaultValue = "false") boolean confirm, Principal principal) {
        return become(name, QueueState.STOPPED, confirm, principal, "stopping a queue");
    }

    @PostMapping("/{name}/resume")
    @Operation(summary = "Open a queue that was held, drained or stopped")
    QueueViews.View resume(@PathVariable String name, Principal principal) {
        return become(name, QueueState.OPEN, false, principal, "resuming a queue");
    }

    @DeleteMapping("/{name}")
    @ApiResponse(responseCode = "204", description = "It is gone")
    @Operation(
            summary = "Remove a queue of which no job is stored",
            description = "Its history and what its jobs have used are kept. The queue default stays.")
    ResponseEntity<Void> remove(@PathVariable String name, Principal principal) {
        var caller = Caller.of(principal);
        caller.requireAdmin("removing queues");
        sharing.remove(parse(name), caller.name());
        return ResponseEntity.noContent().build();
    }

    private QueueViews.View become(String name, QueueState state, boolean confirm, Principal principal, String what) {
        var caller = Caller.of(principal);
        caller.requireAdmin(what);
        return view(queues.become(parse(name), state, confirm, caller.name()));
    }

    private QueueViews.View view(Queue queue) {
        var all = sharing.read();
        var settings = all.queue(queue.name())
                .orElseThrow(() -> new ProblemException(
                        ProblemKind.NOT_FOUND, "there is no queue '%s' any more".formatted(queue.name())));
        var uses = sharing.uses();
        return QueueViews.View.of(queue, settings, uses, uses.balances(all));
    }

    private static QueueName parse(String name) {
        if (!QueueName.isValid(name)) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST, "'%s' is no queue name; it must be %s".formatted(name, QueueName.RULE));
        }
        return new QueueName(name);
    }
}
