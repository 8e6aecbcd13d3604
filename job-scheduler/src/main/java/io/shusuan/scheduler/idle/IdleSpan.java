package io.shusuan.scheduler.idle;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * For how long the GPUs that a job has on a node do nothing.
 *
 * @param since null, if one works or that cannot be told
 * @param told what the agent said last, which is later than {@code since} after it was started anew
 * @param missed for how long nobody looked since then
 * @param seenAt up to when this is known
 */
record IdleSpan(@Nullable Instant since, @Nullable Instant told, Duration missed, Instant seenAt) {

    /** For so long an agent may be away to be started anew. */
    private static final Duration RESTART = Duration.ofMinutes(2);

    /** So soon after its start an agent has looked at its GPUs. */
    private static final Duration FIRST_LOOK = Duration.ofSeconds(30);

    static IdleSpan first(@Nullable Instant told, Instant at) {
        return new IdleSpan(told, told, Duration.ZERO, at);
    }

    /**
     * What is known with one more report.
     *
     * @param now since when they do nothing, as the agent says
     * @param watchedSince when the agent began to look
     */
    IdleSpan next(@Nullable Instant now, Instant watchedSince, Instant at) {
        if (now == null || since == null) {
            return first(now, at);
        }
        if (now.equals(told)) {
            return new IdleSpan(since, told, missed, at);
        }
        var wasAwayOnly = watchedSince.isAfter(seenAt)
                && !now.isBefore(watchedSince)
                && now.isBefore(watchedSince.plus(FIRST_LOOK))
                && now.isBefore(seenAt.plus(RESTART));
        return wasAwayOnly ? new IdleSpan(since, now, missed.plus(Duration.between(seenAt, now)), at) : first(now, at);
    }
}
