package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import io.shusuan.scheduler.cluster.Cluster;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;

/**
 * The motor: runs admission cycles when something has changed and at least every two seconds, and hands every job that
 * holds resources to the reconciler. Started after everything else, stopped before it.
 */
@Component
class SchedulerLoop implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(SchedulerLoop.class);
    private static final int RECONCILE_PARALLELISM = 16;

    /** Between two cycles, so that a burst of submissions is admitted in batches. */
    private static final int MIN_PAUSE_MILLIS = 25;

    private static final int MAX_IDLE_MILLIS = 2000;

    private final Admission admission;
    private final Cluster cluster;
    private final Jobs jobs;
    private final KeyedWork<JobId> reconciling;
    private final Semaphore news = new Semaphore(0);
    private volatile boolean running;
    private volatile Thread thread = Thread.currentThread();

    SchedulerLoop(Admission admission, Reconciler reconciler, Cluster cluster, Jobs jobs) {
        this.admission = admission;
        this.cluster = cluster;
        this.jobs = jobs;
        this.reconciling = new KeyedWork<>(RECONCILE_PARALLELISM, reconciler::reconcile);
    }

    @TransactionalEventListener
    void changed(JobChanged change) {
        if (running) {
            reconciling.poke(change.job());
            news.release();
        }
    }

    @Override
    public void start() {
        running = true;
        cluster.onChange(reconciling::poke);
        jobs.idsIn(JobState.HOLDING).forEach(id -> reconciling.poke(new JobId(id)));
        thread = Thread.ofPlatform().name("admission").start(this::loop);
    }

    private void loop() {
        while (running) {
            try {
                news.tryAcquire(MAX_IDLE_MILLIS, TimeUnit.MILLISECONDS);
                news.drainPermits();
                admission.cycle();
                Thread.sleep(MIN_PAUSE_MILLIS);
            } catch (InterruptedException stop) {
                return;
            } catch (RuntimeException unexpected) {
                // The database may be away: nothing is lost, the next cycle reads everything anew.
                log.warn("admission cycle failed, next try follows: {}", unexpected.toString());
                pause();
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(MAX_IDLE_MILLIS);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            running = false;
        }
    }

    @Override
    public void stop() {
        running = false;
        thread.interrupt();
        reconciling.close();
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
