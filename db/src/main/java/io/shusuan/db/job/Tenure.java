package io.shusuan.db.job;

import jakarta.persistence.Embeddable;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** How a job holds what it was given: on which terms, and what becomes of it when that is taken from it. */
@Embeddable
public class Tenure {

    private static final Duration FIRST_BACKOFF = Duration.ofMinutes(1);
    private static final Duration LONGEST_BACKOFF = Duration.ofHours(1);

    private int run = 1;
    private int graceSeconds;
    private @Nullable Instant readyBy;
    private int unready;
    private @Nullable Instant notBefore;
    private @Nullable Instant evictedAt;

    private @Nullable UUID evictedFor;

    protected Tenure() {}

    void begin(Duration grace, @Nullable Instant ready) {
        graceSeconds = (int) grace.toSeconds();
        readyBy = ready;
        notBefore = null;
    }

    void ready() {
        unready = 0;
    }

    void evict(@Nullable JobId preemptor, Instant now) {
        evictedAt = now;
        evictedFor = preemptor == null ? null : preemptor.value();
    }

    /** A minute, then twice as long each time in a row, up to an hour. */
    void standAside(Instant now) {
        var wait = FIRST_BACKOFF.multipliedBy(1L << Math.clamp(unready, 0, 10));
        notBefore = now.plus(wait.compareTo(LONGEST_BACKOFF) < 0 ? wait : LONGEST_BACKOFF);
        unready++;
    }

    void end() {
        run++;
        readyBy = null;
        evictedAt = null;
        evictedFor = null;
    }

    /** Which run the job is in or will be in next, from 1: one more with each eviction. */
    public int run() {
        return run;
    }

    /** How long its tasks may go on to save their work when it is evicted. */
    public Duration grace() {
        return Duration.ofSeconds(graceSeconds);
    }

    /** By when all of its tasks have to be ready; null, if there is no hurry. */
    public @Nullable Instant readyBy() {
        return readyBy;
    }

    /** Until when it is not looked at, since it was not ready in time before. */
    public @Nullable Instant notBefore() {
        return notBefore;
    }

    /** When it was told to leave. */
    public @Nullable Instant evictedAt() {
        return evictedAt;
    }

    @Nullable
    UUID evictedFor() {
        return evictedFor;
    }

    int unready() {
        return unready;
    }
}
