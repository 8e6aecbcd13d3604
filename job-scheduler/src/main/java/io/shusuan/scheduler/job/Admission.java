package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.Decision.Admit;
import io.shusuan.scheduler.queue.Decision.Wait;
import io.shusuan.scheduler.queue.FifoPolicy;
import io.shusuan.scheduler.queue.Snapshot;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** One admission cycle: read a snapshot, decide, apply. The only place that turns QUEUED into ADMITTED. */
@Component
class Admission {

    private static final Logger log = LoggerFactory.getLogger(Admission.class);

    private final FifoPolicy policy = new FifoPolicy();
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

    /** Returns how many jobs it admitted. */
    int cycle() {
        var waiting = waitingJobs.head();
        if (waiting.isEmpty()) {
            return 0;
        }
        Capacity capacity;
        try {
            capacity = cluster.capacity();
        } catch (ClusterUnavailableException away) {
            log.debug("no admission while the cluster is away: {}", away.getMessage());
            disturbed(waiting, away.getMessage());
            return 0;
        }
        var held = waitingJobs.held();
        var decisions = policy.decide(new Snapshot(capacity, held.resources(), held.tasks(), waiting));
        var acting = decisions.stream().filter(waitingJobs::isNews).toList();
        if (!acting.isEmpty()) {
            transaction.executeWithoutResult(status -> acting.forEach(this::apply));
        }
        acting.forEach(waitingJobs::remember);
        return (int) acting.stream().filter(Admit.class::isInstance).count();
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
        events.publishEvent(new JobChanged(job.id()));
    }

    private void disturbed(List<Snapshot.Waiting> waiting, String why) {
        var told = new ArrayList<JobId>();
        transaction.executeWithoutResult(status -> {
            for (var each : waiting) {
                jobs.find(each.job())
                        .filter(job -> job.state() == JobState.QUEUED && job.conditionReason() == null)
                        .ifPresent(job -> {
                            job.disturbed(Reconciler.CLUSTER_UNREACHABLE, why, clock.instant());
                            told.add(job.id());
                            events.publishEvent(new JobChanged(job.id()));
                        });
            }
        });
        waitingJobs.forget(told);
    }
}
