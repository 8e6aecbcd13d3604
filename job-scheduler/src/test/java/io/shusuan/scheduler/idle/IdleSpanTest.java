package io.shusuan.scheduler.idle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** For how long GPUs do nothing, through restarts and silence. */
class IdleSpanTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Instant AGENT_STARTED = NOON.minus(Duration.ofDays(1));

    private final IdleSpan span = IdleSpan.first(NOON, NOON.plusSeconds(60));

    private static Instant after(int seconds) {
        return NOON.plusSeconds(seconds);
    }

    @Test
    void itGoesOnWhileTheAgentSaysTheSameHoweverLongNobodyHeardOfIt() {
        assertThat(span.next(NOON, AGENT_STARTED, after(7200)))
                .isEqualTo(new IdleSpan(NOON, NOON, Duration.ZERO, after(7200)));
    }

    @Test
    void itEndsWhenAGpuWorksOrCannotBeToldOf() {
        var works = span.next(null, AGENT_STARTED, after(75));

        assertThat(works.since()).isNull();
        assertThat(works.next(after(80), AGENT_STARTED, after(90)).since()).isEqualTo(after(80));
    }

    @Test
    void itBeginsAnewWhenTheyWorkedBetweenTwoLooks() {
        assertThat(span.next(after(70), AGENT_STARTED, after(75)))
                .isEqualTo(new IdleSpan(after(70), after(70), Duration.ZERO, after(75)));
    }

    @Test
    void itGoesOnOverTheRestartOfAnAgentWhichDoesNotCount() {
        var again = span.next(after(95), after(90), after(100));

        assertThat(again).isEqualTo(new IdleSpan(NOON, after(95), Duration.ofSeconds(35), after(100)));
        assertThat(again.next(after(95), after(90), after(130)))
                .isEqualTo(new IdleSpan(NOON, after(95), Duration.ofSeconds(35), after(130)));
    }

    @Test
    void itBeginsAnewWhenTheAgentWasAwayForLong() {
        assertThat(span.next(after(185), after(182), after(200)).since()).isEqualTo(after(185));
    }

    @Test
    void itBeginsAnewWhenTheyWorkedSinceTheAgentWasStarted() {
        assertThat(span.next(after(125), after(90), after(130)).since()).isEqualTo(after(125));
    }
}
