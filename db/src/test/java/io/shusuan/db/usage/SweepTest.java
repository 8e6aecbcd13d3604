package io.shusuan.db.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.usage.Timeline.Point;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a queue had on the average of each hour. */
class SweepTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final double BEGIN = Sweep.seconds(NOON);

    private static Sweep hours(double hours) {
        return new Sweep(NOON, NOON.plusSeconds((long) (hours * 3600)), 3600, (int) Math.ceil(hours));
    }

    private static double after(int minutes) {
        return BEGIN + minutes * 60;
    }

    private static Instant hour(int number) {
        return NOON.plusSeconds(number * 3600L);
    }

    @Test
    void whatIsHeldForAPartOfAnHourCountsForThatPart() {
        var sweep = hours(2);
        sweep.own(BEGIN, Map.of("a", 2L));
        sweep.hold(BEGIN, "a", 3);
        sweep.hold(after(30), "a", -3);
        sweep.hold(after(90), "a", 2);

        assertThat(sweep.points())
                .containsExactly(new Point(hour(0), 1.5, 3, 2.0, 0.5), new Point(hour(1), 1, 2, 2.0, 0.0));
    }

    @Test
    void whatIsMoreThanOwnedOfOneFlavourIsBorrowedWhateverIsLeftOfAnother() {
        var sweep = hours(1);
        sweep.own(BEGIN, Map.of("a", 4L, "b", 1L));
        sweep.hold(BEGIN, "b", 3);

        assertThat(sweep.points()).containsExactly(new Point(hour(0), 3, 3, 5.0, 2.0));
    }

    @Test
    void aQuotaThatIsChangedCountsFromThenOn() {
        var sweep = hours(1);
        sweep.own(BEGIN - 100, Map.of("a", 4L));
        sweep.hold(BEGIN, "a", 4);
        sweep.own(after(15), Map.of("a", 0L));

        assertThat(sweep.points()).containsExactly(new Point(hour(0), 4, 4, 1.0, 3.0));
    }

    @Test
    void nothingIsSaidOfWhatIsOwnedWhereThatIsNotKnownOrHasNoLimit() {
        var sweep = hours(3);
        sweep.hold(BEGIN, "a", 1);
        sweep.own(after(90), Map.of("a", 4L));
        sweep.own(after(150), null);

        assertThat(sweep.points())
                .containsExactly(
                        new Point(hour(0), 1, 1, null, null),
                        new Point(hour(1), 1, 1, null, null),
                        new Point(hour(2), 1, 1, null, null));
    }

    @Test
    void theLastHourMayBeCutShort() {
        var sweep = hours(1.5);
        sweep.own(BEGIN, Map.of());
        sweep.hold(after(75), "a", 2);

        assertThat(sweep.points().getLast()).isEqualTo(new Point(hour(1), 1, 2, 0.0, 1.0));
    }
}
