package io.shusuan.scheduler.cluster.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shusuan.scheduler.cluster.LogReader.Read.Line;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LogPositionTest {

    private static final List<String> FILE = List.of(
            "2026-01-02T03:04:05.000000001Z one",
            "2026-01-02T03:04:05.000000002Z two",
            "2026-01-02T03:04:05.000000002Z three",
            "2026-01-02T03:04:05.000000001Z late",
            "2026-01-02T03:04:06.5Z four",
            "2026-01-02T03:04:06.6Z");

    @Test
    void aLogReadInOnePieceIsWhatWasWritten() {
        assertThat(texts(read(new LogPosition(null), FILE))).containsExactly("one", "two", "three", "late", "four", "");
    }

    @Test
    void whereverItStopsTheNextReaderGoesOnWithoutLossOrRepetition() {
        List<Line> all = read(new LogPosition(null), FILE);
        for (int stop = 0; stop < all.size(); stop++) {
            var rest = new LogPosition(all.get(stop).cursor());
            assertThat(read(rest, fromSecond(rest.from())))
                    .as("after '%s'", all.get(stop).text())
                    .isEqualTo(all.subList(stop + 1, all.size()));
        }
    }

    @Test
    void aConnectionThatIsMadeAnewRepeatsNothing() {
        var position = new LogPosition(null);
        position.opened();
        FILE.subList(0, 3).forEach(position::read);

        assertThat(texts(read(position, fromSecond(position.from())))).containsExactly("late", "four", "");
    }

    @Test
    void ifTheFileWasRotatedAwayWhateverIsLaterIsNew() {
        var position = new LogPosition("2026-01-02T03:04:04.9Z/1");
        assertThat(texts(read(position, FILE))).containsExactly("one", "two", "three", "late", "four", "");
    }

    @Test
    void whatTheKubeletItselfSaysIsALine() {
        assertThat(texts(read(new LogPosition(null), List.of("unable to retrieve container logs"))))
                .containsExactly("unable to retrieve container logs");
    }

    @Test
    void aCursorOfAnotherClusterIsRefused() {
        assertThatThrownBy(() -> new LogPosition("1234"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1234");
    }

    private static List<String> fromSecond(@Nullable Instant from) {
        return FILE.stream()
                .filter(line ->
                        from == null || !Instant.parse(line.split(" ", 2)[0]).isBefore(from))
                .toList();
    }

    private static List<Line> read(LogPosition position, List<String> file) {
        var lines = new ArrayList<Line>();
        position.opened();
        file.forEach(line -> lines.addAll(position.read(line)));
        lines.addAll(position.ended());
        return lines;
    }

    private static List<String> texts(List<Line> lines) {
        return lines.stream().map(Line::text).toList();
    }
}
