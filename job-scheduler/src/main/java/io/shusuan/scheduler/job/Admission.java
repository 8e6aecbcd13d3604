package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.queue.WaitReason;
import io.shusuan.scheduler.queue.fifo.Decision;
import io.shusuan.scheduler.queue.fifo.Decision.Admit;
import io.shusuan.scheduler.queue.fifo.Decision.Wait;
import io.shusuan.scheduler.queue.fifo.FifoPolicy;
import io.shusuan.scheduler.queue.fifo.Snapshot;
import java.time.Clock;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** One admission cycle: read a snapshot, decide, apply. The only place that turns QUEUED into ADMITTED. */
@Component
class Admission {

    private static final Logger log = LoggerFactory.getLogger(Admission.class);

    private final FifoPolicy policy = new FifoPolicy();
    private final Told told = new Told();
    private volatile boolean tellAnew;
    private final Cluster cluster;
    private final WaitingJobs waitingJobs;
    private final Jobs jobs;
    private final TransactionTemplate transaction;
    private final ApplicationEventPublisher events;
    private final Clock clock;

    Admission(
            Cluster cluster,
            WaitingJobs waitingJobs,
            Jobs jobs,
            TransactionTemplate transaction,
            ApplicationEventPublisher events,
            Clock clock) {
        this.cluster = cluster;
        this.waitingJobs = waitingJobs;
        this.jobs = jobs;
        this.transaction = transaction;
        this.events = events;
        this.clock = clock;
    }

    /** Forgets what the waiting jobs were told, so that the next cycle tells each of them. */
    void tellAnew() {
        tellAnew = true;
    }

    /** Returns whether there is more to look at right away. */
    boolean cycle() {
        if (tellAnew) {
            tellAnew = false;
            told.forget();
        }
        Capacity capacity;
        try {
            capacity = cluster.capacity();
        } catch (ClusterUnavailableException away) {
            log.debug("no admission while the cluster is away: {}", away.getMessage());
            disturbed(waitingJobs.head(told.hopeless()), away.getMessage());
            return false;
        }
        told.capacityIs(capacity);
        var waiting = waitingJobs.head(told.hopeless());
        if (waiting.isEmpty()) {
            return false;
        }
        var held = waitingJobs.held();
        var decisions = policy.decide(new Snapshot(capacity, held.resources(), held.tasks(), waiting));
        var failed = apply(decisions.stream().filter(told::isNews).toList());
        told.remember(decisions, failed);
        // A head of nothing but jobs that fit nowhere hides who stands behind it.
        return waiting.size() == WaitingJobs.HEAD && decisions.stream().noneMatch(Admission::standsInLine);
    }

    private static boolean standsInLine(Decision decision) {
        return decision instanceof Wait wait && wait.reason() != WaitReason.NO_MATCHING_NODE;
    }

    /**
     * All in one transaction, which is quick. When somebody else changed one of the jobs meanwhile, each in its own, so that
     * one does not keep the others waiting. Returns what could not be applied.
     */
    private List<Decision> apply(List<Decision> news) {
        if (news.isEmpty()) {
            return List.of();
        }
        try {
            transaction.executeWithoutResult(status -> news.forEach(this::apply));
            return List.of();
        } catch (OptimisticLockingFailureException changedMeanwhile) {
            return news.stream().filter(decision -> !applied(decision)).toList();
        }
    }

    private boolean applied(Decision decision) {
        try {
            transaction.executeWithoutResult(status -> apply(decision));
            return true;
        } catch (OptimisticLockingFailureException changedMeanwhile) {
            return false;
        }
    }

    private void apply(Decision decision) {
        var job = jobs.find(decision.job()).orElse(null);
        if (job == null || job.state() != JobState.QUEUED) {
            return; // stopped or deleted while we decided
        }
        job.undisturbed(clock.instant());
        switch (decision) {
            case Admit admit -> job.admit(clock.instant());
            case Wait wait -> job.waitsBecause(wait.reason().code(), wait.sentence(), clock.instant());
        }
        events.publishEvent(JobChanged.of(job));
    }

    private void disturbed(List<Snapshot.Waiting> waiting, String why) {
        var untold =
                waiting.stream().filter(each -> told.isDisturbance(each.job())).toList();
        if (untold.isEmpty()) {
            return;
        }
        try {
            transaction.executeWithoutResult(status -> untold.forEach(each -> disturb(each.job(), why)));
        } catch (OptimisticLockingFailureException changedMeanwhile) {
            told.forget();
        }
    }

    private void disturb(JobId id, String why) {
        jobs.find(id)
                .filter(job -> job.state() == JobState.QUEUED && job.conditionReason() == null)
                .ifPresent(job -> {
                    job.disturbed(Reconciler.CLUSTER_UNREACHABLE, why, clock.instant());
                    events.publishEvent(JobChanged.of(job));
                });
    }
}
