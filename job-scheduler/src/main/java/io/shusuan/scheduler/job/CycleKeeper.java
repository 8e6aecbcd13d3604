package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.Cycles;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.replay.Recorder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Keeps what the queue decided, and from what, on a thread of its own: the admission only hands it over. A cycle in which nobody was
 * admitted or told to leave is not kept; nor one that comes while several others wait to be written, or that waits so at a stop.
 */
@Component
class CycleKeeper extends BackgroundWork {

    private static final Logger log = LoggerFactory.getLogger(CycleKeeper.class);

    /** So many snapshots of the queue are held in memory until they are written. */
    private static final int MOST_PENDING = 4;

    private static final long MOST_BYTES = 512L << 20;
    private static final Duration AGE = Duration.ofDays(8);
    private static final Duration SWEEP = Duration.ofMinutes(1);

    private final Cycles cycles;
    private final LeaderTransaction transaction;
    private final JdbcClient jdbc;
    private final Clock clock;
    private final Recorder recorder = new Recorder(this::names);
    private final BlockingQueue<Cycle> pending = new ArrayBlockingQueue<>(MOST_PENDING);
    private Instant swept = Instant.EPOCH;
    private volatile boolean anew = true;

    CycleKeeper(Cycles cycles, LeaderTransaction transaction, JdbcClient jdbc, Clock clock) {
        super("cycles");
        this.cycles = cycles;
        this.transaction = transaction;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** @param anew whether another replica may have written since the last one */
    private record Cycle(Snapshot snapshot, List<Decision> decisions, boolean anew) {}

    /** The next one is kept as one that stands by itself. */
    void begin() {
        anew = true;
    }

    /** Never waits. */
    void note(Snapshot snapshot, List<Decision> decisions) {
        if (decisions.stream().allMatch(Decision.Wait.class::isInstance)) {
            return;
        }
        if (pending.offer(new Cycle(snapshot, decisions, anew))) {
            anew = false;
        }
    }

    @Override
    public void start() {
        pending.clear();
        super.start();
    }

    @Override
    protected void work() throws InterruptedException {
        while (true) {
            keep(pending.take());
        }
    }

    private void keep(Cycle cycle) {
        if (cycle.anew) {
            recorder.begin();
        }
        try {
            write(cycle.snapshot, cycle.decisions);
            sweepIfDue();
        } catch (Lease.LeaseLostException | DataAccessException | TransactionException away) {
            log.debug("a cycle is not kept: {}", away.getMessage());
            recorder.begin();
        } catch (RuntimeException unexpected) {
            log.warn("a cycle is not kept", unexpected);
            recorder.begin();
        }
    }

    private void write(Snapshot snapshot, List<Decision> decisions) {
        var stored = recorder.record(snapshot, decisions);
        var admitted = 0;
        var leaving = 0;
        for (var decision : decisions) {
            switch (decision) {
                case Decision.Admit admit -> admitted++;
                case Decision.Preempt preempt -> leaving += preempt.victims().size();
                case Decision.Evict _, Decision.Grow _ -> leaving++;
                case Decision.Wait wait -> {}
            }
        }
        var cycle = new Cycles.Cycle(
                Instant.ofEpochMilli(snapshot.time().millis()),
                stored.whole(),
                snapshot.waiting().size(),
                snapshot.running().size(),
                admitted,
                leaving);
        transaction.executeWithoutResult(() -> cycles.add(cycle, stored.content(), acts(snapshot, decisions)));
    }

    private static List<Cycles.Act> acts(Snapshot snapshot, List<Decision> decisions) {
        var queues = new HashMap<JobId, QueueName>();
        snapshot.waiting().forEach(job -> queues.put(job.job(), job.queue()));
        snapshot.running().forEach(job -> queues.put(job.job(), job.queue()));
        return decisions.stream()
                .flatMap(decision -> switch (decision) {
                    case Decision.Admit admit -> Stream.of(act(admit.job(), queues, true));
                    case Decision.Preempt preempt ->
                        Stream.concat(
                                Stream.of(act(preempt.job(), queues, true)),
                                preempt.victims().stream().map(victim -> act(victim.job(), queues, false)));
                    case Decision.Evict _, Decision.Grow _ -> Stream.of(act(decision.job(), queues, false));
                    case Decision.Wait wait -> Stream.<Cycles.Act>empty();
                })
                .toList();
    }

    private static Cycles.Act act(JobId job, Map<JobId, QueueName> queues, boolean given) {
        return new Cycles.Act(job, Objects.requireNonNull(queues.get(job)), given);
    }

    private void sweepIfDue() {
        var now = clock.instant();
        if (now.isAfter(swept.plus(SWEEP))) {
            transaction.executeWithoutResult(() -> cycles.forget(MOST_BYTES, now, AGE));
            swept = now;
        }
    }

    private Map<JobId, String> names(Collection<JobId> jobs) {
        var names = new HashMap<JobId, String>();
        jdbc.sql("select id, name from jobs where id = any(:ids)")
                .param("ids", jobs.stream().map(JobId::value).toArray(UUID[]::new))
                .query(row -> {
                    names.put(new JobId(row.getObject("id", UUID.class)), row.getString("name"));
                });
        return names;
    }
}
