package io.shusuan.scheduler.job;

import static java.util.stream.Collectors.joining;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.shusuan.db.job.Eviction;
import io.shusuan.db.job.EvictionCause;
import io.shusuan.db.job.EvictionLog;
import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobChanges;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import io.shusuan.db.job.Placed;
import io.shusuan.scheduler.cluster.Standing;
import io.shusuan.scheduler.queue.Decision.Evict;
import io.shusuan.scheduler.queue.Decision.Grow;
import io.shusuan.scheduler.queue.Decision.Preempt;
import io.shusuan.scheduler.queue.Victim;
import io.shusuan.scheduler.queue.WaitReason;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.stereotype.Component;

/**
 * Writes whom the queue has told to leave, and for whom. All who leave for one job do so in one transaction, or nobody does: if
 * one of them is not what it was when that was decided, perhaps the others need not go, which the next cycle finds out.
 */
@Component
class Evictions {

    /** How many of the victims a job is told by name. */
    private static final int MOST_NAMED = 10;

    private final Jobs jobs;
    private final JobChanges changes;
    private final EvictionLog evictions;
    private final LeaderTransaction transaction;
    private final ApplicationEventPublisher events;
    private final Clock clock;
    private final MeterRegistry meters;

    Evictions(
            Jobs jobs,
            JobChanges changes,
            EvictionLog evictions,
            LeaderTransaction transaction,
            ApplicationEventPublisher events,
            Clock clock,
            MeterRegistry meters) {
        this.jobs = jobs;
        this.changes = changes;
        this.evictions = evictions;
        this.transaction = transaction;
        this.events = events;
        this.clock = clock;
        this.meters = meters;
    }

    /** Returns whether the victims leave. */
    boolean preempt(Preempt decision) {
        try {
            return transaction.execute(() -> preemptInTransaction(decision));
        } catch (OptimisticLockingFailureException changedMeanwhile) {
            return false;
        }
    }

    private boolean preemptInTransaction(Preempt decision) {
        var preemptor = jobs.find(decision.job()).orElse(null);
        var ids = decision.victims().stream().map(Victim::job).toList();
        var victims = jobs.findAll(ids);
        victims.values().removeIf(job -> !isGoing(job));
        if (preemptor == null || preemptor.state() != JobState.QUEUED || victims.size() < ids.size()) {
            return false;
        }
        var evicted = decision.victims().stream()
                .map(victim -> {
                    var job = Objects.requireNonNull(victims.get(victim.job()));
                    return evict(job, cause(victim), preemptor, sentence(victim, job, preemptor));
                })
                .toList();
        var wasted = evicted.stream().mapToLong(Eviction::wastedGpuSeconds).sum();
        preemptor.tell(
                clock.instant(),
                "Preempts",
                "%d job(s) leave for it, with %d GPU-seconds of work that was not saved at most: %s"
                        .formatted(victims.size(), wasted, named(victims)));
        preemptor.waitsBecause(
                WaitReason.WAITING_FOR_PREEMPTED.code(),
                "waits until %d job(s) are gone that leave for it".formatted(victims.size()),
                clock.instant());
        changes.writeAll(
                Stream.concat(victims.values().stream(), Stream.of(preemptor)).toList());
        evicted.forEach(evictions::add);
        victims.values().forEach(job -> events.publishEvent(JobChanged.of(job)));
        events.publishEvent(JobChanged.of(preemptor));
        return true;
    }

    /** Has a job leave whose queue was stopped. */
    void clear(Evict decision) {
        clear(
                decision.job(),
                EvictionCause.QUEUE_STOPPED,
                job -> "evicted, because queue %s was stopped".formatted(job.queue()));
    }

    /** Has a job leave that begins anew with more tasks. */
    void grow(Grow decision) {
        clear(
                decision.job(),
                EvictionCause.GROWTH,
                job -> "begins anew with %d tasks instead of %d, since there is room for them"
                        .formatted(decision.tasks(), Placed.tasks(job.placement())));
    }

    /** Has a job leave that is on a node which is drained. */
    void clear(JobId id, String node) {
        clear(id, EvictionCause.NODE_DRAINED, _ -> "evicted, because node %s is drained".formatted(node));
    }

    private void clear(JobId id, EvictionCause cause, Function<Job, String> sentence) {
        try {
            transaction.executeWithoutResult(() -> jobs.find(id)
                    .filter(Evictions::isGoing)
                    .ifPresent(job -> {
                        var evicted = evict(job, cause, null, sentence.apply(job));
                        changes.write(job);
                        evictions.add(evicted);
                        events.publishEvent(JobChanged.of(job));
                    }));
        } catch (OptimisticLockingFailureException changedMeanwhile) {
            // The next cycle decides about it anew.
        }
    }

    /** Has a job leave that is not ready in time, inside the caller's transaction. */
    void clearUnready(Draft draft, String sentence) {
        var job = draft.job();
        draft.evicted(eviction(job, EvictionCause.NOT_READY, null));
        job.evictUnready(sentence, clock.instant());
    }

    /** Has a job wait again, since the scheduler which has admitted it takes that back, inside the caller's transaction. */
    void takenBack(Draft draft, Standing.Waiting now) {
        var job = draft.job();
        draft.evicted(eviction(job, EvictionCause.DELEGATE, null));
        job.suspend(now.reason(), now.sentence(), clock.instant());
    }

    /** Has a job leave whose tasks were taken away by the scheduler that has admitted it, inside the caller's transaction. */
    void lost(Draft draft, Standing.Lost lost) {
        var job = draft.job();
        draft.evicted(eviction(job, EvictionCause.DELEGATE, null));
        job.evict(null, lost.sentence(), clock.instant());
    }

    private static boolean isGoing(Job job) {
        return JobState.GOING.contains(job.state());
    }

    private Eviction evict(Job job, EvictionCause cause, @Nullable Job preemptor, String sentence) {
        var evicted = eviction(job, cause, preemptor);
        job.evict(preemptor == null ? null : preemptor.id(), sentence, clock.instant());
        return evicted;
    }

    private Eviction eviction(Job job, EvictionCause cause, @Nullable Job preemptor) {
        var now = clock.instant();
        var began = job.startedAt() == null ? job.admittedAt() : job.startedAt();
        var wasted = began == null
                ? 0
                : job.total().gpus() * Math.max(0, Duration.between(began, now).toSeconds());
        Counter.builder("shusuan.evictions")
                .description("jobs that had to give back what they held, by cause")
                .tag("cause", cause.name())
                .register(meters)
                .increment();
        return new Eviction(job.id(), job.run(), now, cause, preemptor == null ? null : preemptor.id(), wasted);
    }

    private static EvictionCause cause(Victim victim) {
        return switch (victim.grounds()) {
            case LOWER_PRIORITY -> EvictionCause.LOWER_PRIORITY;
            case RECLAIM -> EvictionCause.RECLAIM;
            case FAIR_SHARE -> EvictionCause.FAIR_SHARE;
        };
    }

    private static String sentence(Victim victim, Job job, Job preemptor) {
        return switch (victim.grounds()) {
            case LOWER_PRIORITY ->
                "evicted for job %s of the same queue, whose priority is %d and not %d"
                        .formatted(preemptor.name(), preemptor.priority(), job.priority());
            case RECLAIM ->
                "evicted for job %s: queue %s takes back what is its own and queue %s had borrowed"
                        .formatted(preemptor.name(), preemptor.queue(), job.queue());
            case FAIR_SHARE ->
                "evicted for job %s: queue %s has borrowed less than its share, and queue %s more"
                        .formatted(preemptor.name(), preemptor.queue(), job.queue());
        };
    }

    private static String named(Map<JobId, Job> victims) {
        var names = victims.values().stream()
                .map(job -> "%s of queue %s".formatted(job.name(), job.queue()))
                .sorted()
                .limit(MOST_NAMED)
                .collect(joining(", "));
        return victims.size() > MOST_NAMED ? names + ", …" : names;
    }
}
