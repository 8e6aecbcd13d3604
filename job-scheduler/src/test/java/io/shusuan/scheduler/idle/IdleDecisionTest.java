package io.shusuan.scheduler.idle;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.idle.IdleDecision.Nothing;
import io.shusuan.scheduler.idle.IdleDecision.Stop;
import io.shusuan.scheduler.idle.IdleDecision.Warn;
import io.shusuan.scheduler.idle.IdleDecision.Withdraw;
import io.shusuan.scheduler.idle.Idleness.Idle;
import io.shusuan.scheduler.idle.Idleness.Measured;
import io.shusuan.scheduler.idle.Idleness.Unknown;
import io.shusuan.scheduler.idle.Idleness.Works;
import io.shusuan.scheduler.sharing.IdlePolicy;
import io.shusuan.scheduler.sharing.IdlePolicy.Action;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a queue does about GPUs that do nothing. */
class IdleDecisionTest {

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final Instant SINCE = NOW.minus(Duration.ofMinutes(40));
    private static final Idle IDLE = new Idle(SINCE, Duration.ofMinutes(40));

    private static IdlePolicy policy(Action action) {
        return new IdlePolicy(action, Duration.ofMinutes(30), Duration.ofMinutes(10));
    }

    private static IdleDecision decide(
            Measured measured, @Nullable Instant warnedOf, @Nullable Instant stopsAt, Action action) {
        return IdleDecision.of(
                new Idleness(JobId.next(), "vision", 8, "gpu-1", measured, warnedOf, stopsAt), policy(action), NOW);
    }

    @Test
    void itWarnsOnceOfEachSpan() {
        assertThat(decide(IDLE, null, null, Action.WARN)).isEqualTo(new Warn(IDLE, null));
        assertThat(decide(IDLE, SINCE, null, Action.WARN)).isEqualTo(new Nothing());
        assertThat(decide(IDLE, SINCE.minusSeconds(1), null, Action.WARN)).isEqualTo(new Warn(IDLE, null));
        assertThat(decide(new Idle(SINCE, Duration.ofMinutes(29)), null, null, Action.WARN))
                .isEqualTo(new Nothing());
    }

    @Test
    void itStopsAfterTheGraceOnly() {
        assertThat(decide(IDLE, null, null, Action.STOP)).isEqualTo(new Warn(IDLE, NOW.plusSeconds(600)));
        assertThat(decide(IDLE, SINCE, NOW.plusSeconds(1), Action.STOP)).isEqualTo(new Nothing());
        assertThat(decide(IDLE, SINCE, NOW, Action.STOP)).isEqualTo(new Stop(IDLE));
    }

    @Test
    void whatIsNotKnownChangesNothing() {
        assertThat(decide(new Unknown(), SINCE, NOW.minusSeconds(1), Action.STOP))
                .isEqualTo(new Nothing());
        assertThat(decide(new Unknown(), null, null, Action.WARN)).isEqualTo(new Nothing());
    }

    @Test
    void whoeverWorksAgainIsNotWarnedAnyMoreAndHasTheWholeGraceTheNextTime() {
        assertThat(decide(new Works(), SINCE, NOW.minusSeconds(1), Action.STOP)).isEqualTo(new Withdraw());
        assertThat(decide(new Idle(SINCE, Duration.ofMinutes(1)), SINCE, NOW.minusSeconds(1), Action.STOP))
                .isEqualTo(new Withdraw());
        assertThat(decide(IDLE, SINCE.minusSeconds(1), NOW.minusSeconds(1), Action.STOP))
                .isEqualTo(new Warn(IDLE, NOW.plusSeconds(600)));
    }

    @Test
    void anotherPolicyCountsFromTheNextLookOn() {
        assertThat(decide(IDLE, SINCE, null, Action.STOP)).isEqualTo(new Warn(IDLE, NOW.plusSeconds(600)));
        assertThat(decide(IDLE, SINCE, NOW.minusSeconds(1), Action.WARN)).isEqualTo(new Warn(IDLE, null));
        assertThat(decide(IDLE, SINCE, NOW.minusSeconds(1), Action.NONE)).isEqualTo(new Withdraw());
    }
}
