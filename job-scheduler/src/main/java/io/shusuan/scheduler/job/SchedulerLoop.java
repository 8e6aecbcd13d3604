package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import io.shusuan.scheduler.cluster.Cluster;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.event.TransactionalEventListener;

/**
 * The motor: runs admission cycles when something has changed and at least every two seconds, and hands every job that
 * holds resources to the reconciler. Started after everything else, stopped before it.
 */
@Component
class SchedulerLoop implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(SchedulerLoop.class);
    private static final int RECONCILE_PARALLELISM = 16;

    /**
     * Between two cycles, so that a burst of submissions is admitted in batches; longer after a long cycle, so that the queue
     * never takes more than half of a core.
     */
    private static final int MIN_PAUSE_MILLIS = 25;

    private static final int MAX_IDLE_MILLIS = 2000;

    private static final Duration KEY_SWEEP = Duration.ofHours(1);

    private final Admission admission;
    private final Submissions submissions;
    private final Cluster cluster;
    private final Jobs jobs;
    private final KeyedWork<JobId> reconciling;
    private final Semaphore news = new Semaphore(0);
    private volatile boolean running;
    private volatile @Nullable Thread thread;

    SchedulerLoop(Admission admission, Reconciler reconciler, Submissions submissions, Cluster cluster, Jobs jobs) {
        this.admission = admission;
        this.submissions = submissions;
        this.cluster = cluster;
        this.jobs = jobs;
        this.reconciling = new KeyedWork<>(RECONCILE_PARALLELISM, reconciler::reconcile);
    }

    @TransactionalEventListener
    void changed(JobChanged change) {
        if (running) {
            // What only waits is the admission's; thousands may come at once.
            if (change.state() != JobState.QUEUED) {
                reconciling.poke(change.job());
            }
            news.release();
        }
    }

    @TransactionalEventListener
    void changed(QueueChanged change) {
        admission.tellAnew();
        news.release();
    }

    @Override
    public void start() {
        running = true;
        cluster.onChange(reconciling::poke);
        jobs.idsIn(JobState.HOLDING).forEach(id -> reconciling.poke(new JobId(id)));
        thread = Thread.ofPlatform().name("admission").start(this::loop);
    }

    private void loop() {
        var nextSweep = System.nanoTime();
        var troubled = false;
        while (running) {
            try {
                news.tryAcquire(MAX_IDLE_MILLIS, TimeUnit.MILLISECONDS);
                news.drainPermits();
                var begin = System.nanoTime();
                if (admission.cycle()) {
                    news.release();
                }
                if (System.nanoTime() - nextSweep >= 0) {
                    submissions.forgetOldKeys();
                    nextSweep = System.nanoTime() + KEY_SWEEP.toNanos();
                }
                troubled = false;
                Thread.sleep(Math.max(MIN_PAUSE_MILLIS, (System.nanoTime() - begin) / 1_000_000));
            } catch (InterruptedException stop) {
                return;
            } catch (DataAccessException | TransactionException databaseAway) {
                // Nothing is lost: the next cycle reads everything anew.
                if (!troubled) {
                    log.warn("admission waits for the database: {}", databaseAway.getMessage());
                }
                troubled = true;
                admission.tellAnew();
            } catch (RuntimeException unexpected) {
                log.warn("admission cycle failed, next try follows", unexpected);
                admission.tellAnew();
            }
        }
    }

    @Override
    public void stop() {
        running = false;
        if (thread != null) {
            thread.interrupt();
        }
        reconciling.close();
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
