package io.shusuan.scheduler.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A day of load goes through, and is the same day each time. */
class SimulateTest {

    @Test
    void aDayIsUsedWellAndCanBeHadAgain() {
        var day = day();
        assertThat(day.hours()).hasSize(24);
        assertThat(day.hours().getLast().used()).isBetween(1L, 16 * 8L);
        assertThat(Simulate.report(day, 16 * 8)).contains("team-0", "use ", "by their line alone");
        assertThat(day.roughlyForetold()).isPositive();
        assertThat(day.roughlyRight()).isGreaterThan(day.roughlyForetold() / 2);
        assertThat(Simulate.csv(day)).hasLineCount(25).isEqualTo(Simulate.csv(day()));
        assertThat(Plot.svg(day.hours(), 16 * 8)).startsWith("<svg").endsWith("</svg>\n");
    }

    private static Days day() {
        var days = new Days(new Load(7, 16), 1.2, true);
        days.run(1);
        return days;
    }
}
