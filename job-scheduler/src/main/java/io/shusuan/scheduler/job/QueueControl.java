package io.shusuan.scheduler.job;

import io.shusuan.db.queue.Queue;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.Queues;
import io.shusuan.scheduler.queue.WaitReason;
import java.time.Clock;
import java.util.List;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** What administrators do to queues. */
@Service
public class QueueControl {

    private final Queues queues;
    private final JdbcClient jdbc;
    private final ApplicationEventPublisher events;
    private final Clock clock;

    QueueControl(Queues queues, JdbcClient jdbc, ApplicationEventPublisher events, Clock clock) {
        this.queues = queues;
        this.jdbc = jdbc;
        this.events = events;
        this.clock = clock;
    }

    static String heldSentence(QueueName queue) {
        return "queue %s is held: an administrator must resume it".formatted(queue);
    }

    public List<Queue> all() {
        return queues.all();
    }

    /** Makes the queue if there is none of that name. */
    @Transactional
    public Queue create(QueueName name) {
        return queues.findById(name.value()).orElseGet(() -> queues.save(new Queue(name, clock.instant())));
    }

    /** Holds or resumes a queue; what waits in it is told so at once. */
    @Transactional
    public Queue hold(QueueName name, boolean hold) {
        var queue = queues.findById(name.value())
                .orElseThrow(() -> new JobNotFoundException("there is no queue '%s'".formatted(name)));
        queue.hold(hold);
        jdbc.sql("""
                        update jobs set reason = :reason, message = :message, version = version + 1
                         where queue = :queue and state = 'QUEUED' and reason is distinct from :reason""")
                .param("reason", hold ? WaitReason.ON_HOLD.code() : null, java.sql.Types.VARCHAR)
                .param("message", hold ? heldSentence(name) : null, java.sql.Types.VARCHAR)
                .param("queue", name.value())
                .update();
        events.publishEvent(new QueueChanged(name));
        return queue;
    }
}
