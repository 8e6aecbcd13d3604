package io.shusuan.scheduler.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

/** A day of load goes through, and is the same day each time. */
class SimulateTest {

    private static final Days DAY = day();

    @Test
    void aDayIsUsedWellAndCanBeHadAgain() {
        var day = DAY;
        assertThat(day.hours()).hasSize(24);
        assertThat(day.hours().getLast().used()).isBetween(1L, 16 * 8L);
        assertThat(Simulate.report(day, 16 * 8)).contains("team-0", "use ", "by their line alone");
        assertThat(day.roughlyForetold()).isPositive();
        assertThat(day.roughlyRight()).isGreaterThan(day.roughlyForetold() / 2);
        assertThat(Simulate.csv(day)).hasLineCount(25).isEqualTo(Simulate.csv(day()));
        assertThat(day.hours()).anyMatch(hour -> hour.medianWait().isPositive());
        assertThat(day.hours())
                .allMatch(hour -> hour.medianWait().compareTo(hour.longWait()) <= 0)
                .allMatch(hour -> hour.fairness() > 0 && hour.fairness() <= 1);
    }

    /** The GPUs of eight teams, waits as an area and a line, fairness as a line: none of them is flat. */
    @Test
    void useWaitsAndFairnessAreDrawn() throws Exception {
        var svg = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(Plot.svg(DAY.hours(), 16 * 8))));
        assertThat(heights(svg, "polygon")).hasSize(Load.TEAMS + 1).allMatch(each -> each > 10 && each <= 200);
        assertThat(heights(svg, "polyline")).hasSize(2).allMatch(each -> each > 10 && each <= 200);
    }

    private static List<Double> heights(Document svg, String element) {
        var found = svg.getElementsByTagName(element);
        return IntStream.range(0, found.getLength())
                .mapToObj(i -> ((Element) found.item(i)).getAttribute("points"))
                .map(points -> Arrays.stream(points.strip().split("\\s+"))
                        .mapToDouble(point -> Double.parseDouble(point.substring(point.indexOf(',') + 1)))
                        .summaryStatistics())
                .map(range -> range.getMax() - range.getMin())
                .toList();
    }

    @Test
    void evenIsFairAndOneWhoHasAllIsNot() {
        assertThat(Days.evenness(new double[] {4, 4, 4})).isEqualTo(1);
        assertThat(Days.evenness(new double[] {8, 0, 0, 0})).isEqualTo(0.25);
        assertThat(Days.evenness(new double[] {})).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "0", "-1", "1.5", "1e3", "", "401"})
    void whatIsNoNumberOfDaysIsRefusedByName(String said) {
        assertThatThrownBy(() -> Simulate.number("DAYS", said, 1, 400, true))
                .hasMessage("DAYS must be a whole number from 1 to 400, not '%s'".formatted(said));
    }

    private static Days day() {
        var days = new Days(new Load(7, 16), 1.2, true);
        days.run(1);
        return days;
    }
}
