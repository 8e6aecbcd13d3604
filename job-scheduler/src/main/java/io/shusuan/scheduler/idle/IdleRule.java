package io.shusuan.scheduler.idle;

import io.shusuan.db.job.IdleWarning;
import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobChanges;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import io.shusuan.db.notice.NoticeKind;
import io.shusuan.scheduler.idle.IdleDecision.Nothing;
import io.shusuan.scheduler.idle.IdleDecision.Stop;
import io.shusuan.scheduler.idle.IdleDecision.Warn;
import io.shusuan.scheduler.idle.IdleDecision.Withdraw;
import io.shusuan.scheduler.job.JobChanged;
import io.shusuan.scheduler.job.LeaderTransaction;
import io.shusuan.scheduler.notice.Notifier;
import io.shusuan.scheduler.sharing.IdlePolicy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.stereotype.Component;

/** Warns, notifies and stops as the queues want it. Only the replica that schedules can: everything is written in its transactions. */
@Component
class IdleRule {

    private static final Logger log = LoggerFactory.getLogger(IdleRule.class);

    /** What was seen longer ago is not known any more. */
    static final Duration FRESH = Duration.ofMinutes(1);

    private static final String TO_AVOID =
            "end a job when its work is done, take no GPUs for the time in which it needs none, or submit it to a queue that allows more";

    private final IdleSpans spans;
    private final Jobs jobs;
    private final JobChanges changes;
    private final Notifier notifier;
    private final LeaderTransaction transaction;
    private final ApplicationEventPublisher events;
    private final Clock clock;

    IdleRule(
            IdleSpans spans,
            Jobs jobs,
            JobChanges changes,
            Notifier notifier,
            LeaderTransaction transaction,
            ApplicationEventPublisher events,
            Clock clock) {
        this.spans = spans;
        this.jobs = jobs;
        this.changes = changes;
        this.notifier = notifier;
        this.transaction = transaction;
        this.events = events;
        this.clock = clock;
    }

    /** @param policies of the queues that want to know */
    void apply(Map<String, IdlePolicy> policies) {
        transaction.executeWithoutResult(spans::forget);
        for (var known : spans.of(policies.keySet(), fresh())) {
            var policy = policies.getOrDefault(known.queue(), IdlePolicy.NONE);
            if (!(IdleDecision.of(known, policy, clock.instant()) instanceof Nothing)) {
                apply(known.job(), policy);
            }
        }
    }

    private Instant fresh() {
        return clock.instant().minus(FRESH);
    }

    /** Decides once more by what is known in the transaction that writes it. */
    private void apply(JobId id, IdlePolicy policy) {
        try {
            transaction.executeWithoutResult(() -> jobs.find(id)
                    .filter(job -> job.state() == JobState.RUNNING)
                    .ifPresent(job -> spans.of(id, fresh())
                            .ifPresent(known ->
                                    act(job, known, policy, IdleDecision.of(known, policy, clock.instant())))));
        } catch (OptimisticLockingFailureException changedMeanwhile) {
            log.debug("job {} has just changed; its GPUs are looked at again", id);
        }
    }

    private void act(Job job, Idleness known, IdlePolicy policy, IdleDecision decision) {
        var now = clock.instant();
        switch (decision) {
            case Nothing _ -> {}
            case Withdraw _ ->
                job.withdrawIdle("the warning of idle GPUs is withdrawn: they work again, or its queue allows it", now);
            case Warn warn -> {
                var sentence = warning(known, warn.idle().time(), policy, warn.stopsAt());
                job.warnIdle(new IdleWarning(warn.idle().since(), sentence, warn.stopsAt()), now);
                tell(policy, job, NoticeKind.IDLE_GPUS, sentence);
            }
            case Stop stop -> {
                var sentence = "stopped, because %s; to avoid that, %s"
                        .formatted(finding(known, stop.idle().time(), policy), TO_AVOID);
                job.stopIdle(sentence, now);
                tell(policy, job, NoticeKind.STOPPED_IDLE, sentence);
            }
        }
        if (!(decision instanceof Nothing)) {
            changes.write(job);
            events.publishEvent(JobChanged.of(job));
        }
    }

    private void tell(IdlePolicy policy, Job job, NoticeKind kind, String sentence) {
        if (policy.notifies()) {
            notifier.tell(job, kind, sentence);
        }
    }

    private static String warning(Idleness known, Duration time, IdlePolicy policy, @Nullable Instant stopsAt) {
        var finding = finding(known, time, policy);
        return stopsAt == null
                ? "%s; %s".formatted(finding, TO_AVOID)
                : "%s; it is stopped at %s unless they work until then; to avoid that, %s"
                        .formatted(finding, stopsAt.truncatedTo(ChronoUnit.SECONDS), TO_AVOID);
    }

    private static String finding(Idleness known, Duration time, IdlePolicy policy) {
        return "its %d GPU(s) on %s have done nothing for %s (utilization 0 %%), and queue %s allows %s"
                .formatted(known.gpus(), known.nodes(), text(time), known.queue(), text(policy.after()));
    }

    private static String text(Duration time) {
        return time.toHours() < 2
                ? "%d min".formatted(time.toMinutes())
                : "%d h %d min".formatted(time.toHours(), time.toMinutesPart());
    }
}
