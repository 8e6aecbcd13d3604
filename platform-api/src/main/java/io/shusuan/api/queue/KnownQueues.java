package io.shusuan.api.queue;

import io.shusuan.api.problem.Excerpt;
import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.Queues;
import org.springframework.stereotype.Component;

/** Queues by the name that a path gives. */
@Component
public class KnownQueues {

    private final Queues queues;

    KnownQueues(Queues queues) {
        this.queues = queues;
    }

    /** The name, if there is a queue of that name. */
    public QueueName get(String name) {
        if (!QueueName.isValid(name) || queues.findById(name).isEmpty()) {
            throw new ProblemException(ProblemKind.NOT_FOUND, "there is no queue '%s'".formatted(Excerpt.of(name)));
        }
        return new QueueName(name);
    }
}
