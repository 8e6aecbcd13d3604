package io.shusuan.scheduler.idle;

import io.shusuan.scheduler.idle.Idleness.Idle;
import io.shusuan.scheduler.idle.Idleness.Unknown;
import io.shusuan.scheduler.idle.Idleness.Works;
import io.shusuan.scheduler.sharing.IdlePolicy;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is to be done about a job's GPUs. */
sealed interface IdleDecision {

    /** All is said and done. */
    record Nothing() implements IdleDecision {}

    /** @param stopsAt null, if it is only a warning */
    record Warn(Idle idle, @Nullable Instant stopsAt) implements IdleDecision {}

    record Withdraw() implements IdleDecision {}

    record Stop(Idle idle) implements IdleDecision {}

    static IdleDecision of(Idleness job, IdlePolicy policy, Instant now) {
        var warned = job.warnedOf() != null;
        if (policy.isNone()) {
            return warned ? new Withdraw() : new Nothing();
        }
        return switch (job.measured()) {
            case Unknown _ -> new Nothing();
            case Works _ -> warned ? new Withdraw() : new Nothing();
            case Idle idle when idle.time().compareTo(policy.after()) < 0 -> warned ? new Withdraw() : new Nothing();
            case Idle idle -> ofIdle(job, idle, policy, now);
        };
    }

    /** A warning is of one span: when they have worked in between, it begins anew, and so does the grace. */
    private static IdleDecision ofIdle(Idleness job, Idle idle, IdlePolicy policy, Instant now) {
        var stopsAt = job.stopsAt();
        var stands = idle.since().equals(job.warnedOf()) && policy.stops() == (stopsAt != null);
        if (!stands) {
            return new Warn(idle, policy.stops() ? now.plus(policy.grace()) : null);
        }
        return stopsAt != null && !now.isBefore(stopsAt) ? new Stop(idle) : new Nothing();
    }
}
