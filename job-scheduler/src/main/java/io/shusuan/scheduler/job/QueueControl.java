package io.shusuan.scheduler.job;

import io.shusuan.db.queue.Queue;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.db.queue.Queues;
import io.shusuan.db.queue.SettingsHistory;
import io.shusuan.scheduler.queue.Hold;
import io.shusuan.scheduler.sharing.SharingRefusedException;
import io.shusuan.scheduler.sharing.SharingRefusedException.Cause;
import java.sql.Types;
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
    private final SettingsHistory history;
    private final JdbcClient jdbc;
    private final ApplicationEventPublisher events;
    private final Clock clock;

    QueueControl(
            Queues queues, SettingsHistory history, JdbcClient jdbc, ApplicationEventPublisher events, Clock clock) {
        this.queues = queues;
        this.history = history;
        this.jdbc = jdbc;
        this.events = events;
        this.clock = clock;
    }

    public List<Queue> all() {
        return queues.all();
    }

    /** Makes the queue if there is none of that name. */
    @Transactional
    public Queue create(QueueName name, String who) {
        history.by(who);
        return queues.findById(name.value()).orElseGet(() -> queues.save(new Queue(name, clock.instant())));
    }

    /**
     * Opens or closes a queue; what waits in it is told so at once.
     *
     * @param confirmed to stop a queue in which jobs run
     * @throws SharingRefusedException if jobs would be evicted and that was not confirmed
     */
    @Transactional
    public Queue become(QueueName name, QueueState state, boolean confirmed, String who) {
        history.by(who);
        var queue = queues.findById(name.value())
                .orElseThrow(() -> new JobNotFoundException("there is no queue '%s'".formatted(name)));
        if (state == QueueState.STOPPED && !confirmed) {
            requireNothingRuns(name);
        }
        queue.become(state);
        var hold = state == QueueState.OPEN ? null : Hold.closed(name, state);
        jdbc.sql("""
                        update jobs set reason = :reason, message = :message, version = version + 1
                         where queue = :queue and state = 'QUEUED' and message is distinct from :message""")
                .param("reason", hold == null ? null : hold.reason().code(), Types.VARCHAR)
                .param("message", hold == null ? null : hold.sentence(), Types.VARCHAR)
                .param("queue", name.value())
                .update();
        events.publishEvent(new QueueChanged(name));
        return queue;
    }

    private void requireNothingRuns(QueueName name) {
        var gpus = jdbc.sql(
                        "select gpus from jobs where queue = :queue and state in ('ADMITTED', 'STARTING', 'RUNNING')")
                .param("queue", name.value())
                .query(Integer.class)
                .list();
        if (!gpus.isEmpty()) {
            throw new SharingRefusedException(
                    Cause.WOULD_EVICT,
                    "%d job(s) of queue %s run, with %s GPU: they would be evicted and wait at their places until the queue is resumed; repeat it with confirm=true if that is meant"
                            .formatted(
                                    gpus.size(),
                                    name,
                                    gpus.stream().mapToInt(each -> each).sum()));
        }
    }
}
