package io.shusuan.scheduler.job;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** When a job is looked at again though nobody tells of a change. Pure. */
final class NextLook {

    static final Duration AT_ONCE = Duration.ZERO;

    /** At what the cluster has something of, and says nothing. */
    static final Duration RESYNC = Duration.ofMinutes(1);

    static final Duration AT_WHAT_ENDS = Duration.ofSeconds(1);

    /** At what a cluster has taken but does not show. */
    static final Duration AT_THE_UNSEEN = Duration.ofSeconds(1);

    static final Duration AFTER_COLLISION = Duration.ofMillis(20);
    static final Duration AT_AN_ABSENT_DATABASE = Duration.ofSeconds(2);

    private static final Duration AT_A_LIMIT = Duration.ofMillis(100);
    private static final int LONGEST_SILENCE_SECONDS = 30;

    private NextLook() {}

    static Duration at(View view, Verdict verdict, Instant now) {
        return switch (verdict) {
            case Verdict.Running _ -> until(view.endBy(), now);
            case Verdict.Starting _ -> sooner(until(view.readyBy(), now), until(view.endBy(), now));
            case Verdict.Succeeded _, Verdict.Failed _ -> AT_ONCE;
        };
    }

    /** At a job that has until then: at that moment, or soon after it. */
    private static Duration until(@Nullable Instant limit, Instant now) {
        if (limit == null) {
            return RESYNC;
        }
        var left = Duration.between(now, limit);
        return left.compareTo(AT_A_LIMIT) > 0 ? sooner(left, RESYNC) : AT_A_LIMIT;
    }

    static Duration sooner(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** @param misses how often in a row the cluster could not be asked */
    static Duration atAnAbsentCluster(int misses) {
        return Duration.ofSeconds(Math.min(LONGEST_SILENCE_SECONDS, 1L << Math.min(misses, 5)));
    }
}
