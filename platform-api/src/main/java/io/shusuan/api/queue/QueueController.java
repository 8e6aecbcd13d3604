package io.shusuan.api.queue;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.api.security.Caller;
import io.shusuan.db.queue.Queue;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.job.QueueControl;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.security.Principal;
import java.time.Instant;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The queues: seen by everybody, changed by administrators. */
@RestController
@RequestMapping("/api/v1/queues")
@Tag(name = "Queues", description = "Queues that jobs are submitted to")
class QueueController {

    private final QueueControl queues;

    QueueController(QueueControl queues) {
        this.queues = queues;
    }

    @Schema(name = "Queue")
    record View(String name, boolean held, Instant createdAt) {
        static View of(Queue queue) {
            return new View(queue.name().value(), queue.held(), queue.createdAt());
        }
    }

    @GetMapping
    @Operation(summary = "All queues")
    List<View> list() {
        return queues.all().stream().map(View::of).toList();
    }

    @PutMapping("/{name}")
    @Operation(summary = "Make a queue", description = "One that is there already stays as it is.")
    View create(@PathVariable String name, Principal principal) {
        Caller.of(principal).requireAdmin("making a queue");
        return View.of(queues.create(parse(name)));
    }

    @PostMapping("/{name}/hold")
    @Operation(
            summary = "Hold a queue",
            description = "It goes on taking submissions and admits none; what runs goes on.")
    View hold(@PathVariable String name, Principal principal) {
        Caller.of(principal).requireAdmin("holding a queue");
        return View.of(queues.hold(parse(name), true));
    }

    @PostMapping("/{name}/resume")
    @Operation(summary = "Resume a held queue")
    View resume(@PathVariable String name, Principal principal) {
        Caller.of(principal).requireAdmin("resuming a queue");
        return View.of(queues.hold(parse(name), false));
    }

    private static QueueName parse(String name) {
        if (!QueueName.isValid(name)) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST, "'%s' is no queue name; it must be %s".formatted(name, QueueName.RULE));
        }
        return new QueueName(name);
    }
}
