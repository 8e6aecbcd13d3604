package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterHealth;
import io.shusuan.scheduler.sharing.SharingControl.SharingChanged;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.event.TransactionalEventListener;

/**
 * The motor: while this replica has the lease, runs admission cycles when something has changed and at least every two
 * seconds, and hands every job that holds resources to the reconciler. Started after everything else, stopped before it.
 */
@Component
class SchedulerLoop implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(SchedulerLoop.class);

    /** Most of their time they wait for the cluster, or for each other, to be written together. */
    private static final int RECONCILE_PARALLELISM = 32;

    /**
     * Between two cycles, so that a burst of submissions is admitted in batches; longer after a long cycle, so that the queue
     * never takes more than half of a core.
     */
    private static final int MIN_PAUSE_MILLIS = 25;

    /** What other replicas wrote is noticed so late. */
    private static final int MAX_IDLE_MILLIS = 2000;

    /** How soon a cluster is asked again that had not told yet what there is. */
    private static final int SOON_MILLIS = 200;

    /** For so long a cluster that has not told yet what there is keeps the jobs from being looked at; then that is told on them. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final int RENEWAL_MILLIS = 1000;
    private static final int STANDBY_MILLIS = 500;

    private static final Duration KEY_SWEEP = Duration.ofHours(1);
    private static final Duration LEDGER_CHECK = Duration.ofMinutes(1);

    private final Admission admission;
    private final Reconciler reconciler;
    private final Submissions submissions;
    private final Jobs jobs;
    private final Lease lease;
    private final LedgerCheck ledger;
    private final Cluster cluster;
    private final Semaphore news = new Semaphore(0);
    private volatile boolean running;

    /** Anew with each start, since one that was closed takes nothing any more. */
    private volatile KeyedWork<JobId> reconciling;

    /** Whether some job was not looked at, since this replica did not schedule just then. */
    private volatile boolean passedOver;

    /** Whether all jobs that the cluster has something of are yet to be looked at; until then no change of a single one counts. */
    private volatile boolean allToBeLookedAt = true;

    private long begunAt;

    private final Worker cycles = new Worker("admission");
    private final Worker heartbeat = new Worker("scheduler-lease");

    SchedulerLoop(
            Admission admission,
            Reconciler reconciler,
            Submissions submissions,
            Cluster cluster,
            Jobs jobs,
            Lease lease,
            LedgerCheck ledger) {
        this.admission = admission;
        this.reconciler = reconciler;
        this.submissions = submissions;
        this.jobs = jobs;
        this.lease = lease;
        this.cluster = cluster;
        this.ledger = ledger;
        this.reconciling = new KeyedWork<>(RECONCILE_PARALLELISM, this::reconcile);
        admission.readAhead();
        cluster.onChange(job -> {
            if (!allToBeLookedAt && reconciler.isNews(job)) {
                reconciling.poke(job);
            }
        });
    }

    private @Nullable Duration reconcile(JobId id) {
        try {
            if (lease.isHeld()) {
                return reconciler.reconcile(id);
            }
        } catch (Lease.LeaseLostException elsewhere) {
            log.debug("job {} is looked after elsewhere", id);
        }
        passedOver = true;
        return null;
    }

    @TransactionalEventListener
    void changed(JobChanged change) {
        if (running) {
            // What only waits is the admission's; thousands may come at once. The reconciler knows what it has written
            // itself.
            if (change.state() != JobState.QUEUED && !JobWriter.isWriting(change.job())) {
                lookAnew(change.job());
            }
            news.release();
        }
    }

    /** At a job that was changed elsewhere, or may have been. */
    private void lookAnew(JobId id) {
        reconciler.changedElsewhere(id);
        reconciling.poke(id);
    }

    @TransactionalEventListener
    void changed(QueueChanged change) {
        admission.tellAnew();
        news.release();
    }

    @TransactionalEventListener
    void changed(SharingChanged change) {
        admission.shareAnew();
        news.release();
    }

    @EventListener
    void changed(NodesChanged change) {
        news.release();
    }

    @Override
    public void start() {
        reconciling.close(); // what was asked for before this start is found in the database
        reconciling = new KeyedWork<>(RECONCILE_PARALLELISM, this::reconcile);
        running = true;
        if (lease.renew()) {
            news.release(); // there may be much to do already
        }
        heartbeat.start(this::keepLease);
        cycles.start(this::loop);
    }

    private void keepLease() throws InterruptedException {
        while (running) {
            Thread.sleep(lease.isHeld() ? RENEWAL_MILLIS : STANDBY_MILLIS);
            var before = lease.isHeld();
            if (lease.renew() && !before) {
                news.release();
            }
        }
    }

    private void loop() throws InterruptedException {
        var keys = new Chore(KEY_SWEEP, submissions::forgetOldKeys);
        var check = new Chore(LEDGER_CHECK, ledger::run);
        var troubled = false;
        var token = 0L;
        while (running) {
            try {
                news.tryAcquire(
                        allToBeLookedAt && lease.isHeld() ? SOON_MILLIS : MAX_IDLE_MILLIS, TimeUnit.MILLISECONDS);
                news.drainPermits();
                if (!lease.isHeld()) {
                    admission.standBy();
                    cluster.watchJobs();
                    continue;
                }
                if (lease.token() != token || passedOver) {
                    token = begin();
                }
                var begin = System.nanoTime();
                if (admission.cycle(this::lookAnew)) {
                    news.release();
                }
                cluster.watchJobs();
                lookAtAll();
                keys.doIfDue();
                check.doIfDue();
                troubled = false;
                Thread.sleep(Math.max(MIN_PAUSE_MILLIS, (System.nanoTime() - begin) / 1_000_000));
            } catch (Lease.LeaseLostException elsewhere) {
                log.debug("admission ends here: {}", elsewhere.getMessage());
            } catch (DataAccessException | TransactionException databaseAway) {
                // Nothing is lost: the next cycle reads everything anew.
                if (!troubled) {
                    log.warn("admission waits for the database: {}", databaseAway.getMessage());
                }
                troubled = true;
                admission.forget();
            } catch (RuntimeException unexpected) {
                log.warn("admission cycle failed, next try follows", unexpected);
                admission.forget();
            }
        }
    }

    /** Another replica may have said and done whatever it liked since this one scheduled last. */
    private long begin() {
        var token = lease.token();
        passedOver = false;
        admission.begin();
        reconciler.begin();
        allToBeLookedAt = true;
        begunAt = System.nanoTime();
        return token;
    }

    /**
     * After the first cycle, since there may be tens of thousands and whoever waits need not wait for that; and not before
     * the cluster has told what there is of them.
     */
    private void lookAtAll() {
        if (allToBeLookedAt
                && (cluster.health() instanceof ClusterHealth.Reachable
                        || System.nanoTime() - begunAt > PATIENCE.toNanos())) {
            allToBeLookedAt = false; // first, so that no change is missed
            try {
                jobs.idsIn(JobState.APPLIED).forEach(id -> reconciling.poke(new JobId(id)));
            } catch (DataAccessException databaseAway) {
                allToBeLookedAt = true;
                throw databaseAway;
            }
        }
    }

    @Override
    public void stop() {
        running = false;
        cycles.stop();
        heartbeat.stop(); // a renewal after the release would take the lease again
        reconciling.close();
        try {
            lease.release();
        } catch (DataAccessException | TransactionException databaseAway) {
            log.debug("the lease will expire by itself: {}", databaseAway.getMessage());
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
