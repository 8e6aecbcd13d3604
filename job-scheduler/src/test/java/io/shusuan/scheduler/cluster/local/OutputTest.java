package io.shusuan.scheduler.cluster.local;

import static io.shusuan.scheduler.cluster.local.TestMachine.training;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.cluster.LogQuery;
import io.shusuan.scheduler.cluster.LogReader.Read;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The output of an attempt, read by lines while it is written, resumed, and cut at its old end. */
class OutputTest {

    @TempDir
    Path home;

    private AttemptFolder attempt;

    @BeforeEach
    void begin() throws IOException {
        attempt = AttemptFolder.of(home.resolve(JobId.next().toString()), "main", 0, 1);
        Files.createDirectories(attempt.path());
    }

    private void write(String text) throws IOException {
        Files.writeString(attempt.output(), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static LogQuery all() {
        return new LogQuery(null, -1, false);
    }

    private OutputReader following() throws IOException {
        return new OutputReader(attempt, new LogQuery(null, -1, true));
    }

    private List<Read.Line> lines(LogQuery query) throws Exception {
        var lines = new ArrayList<Read.Line>();
        var reader = new OutputReader(attempt, query);
        while (reader.next(Duration.ZERO) instanceof Read.Line line) {
            lines.add(line);
        }
        return lines;
    }

    private List<String> texts(LogQuery query) throws Exception {
        return lines(query).stream().map(Read.Line::text).toList();
    }

    @Test
    void eachLineLeadsToTheRestWithoutLossOrRepetition() throws Exception {
        var random = new Random(7);
        var expected = IntStream.range(0, 3000)
                .mapToObj(i -> i + " " + "行x".repeat(random.nextInt(60)))
                .toList();
        write(String.join("\n", expected) + "\n");
        attempt.close();
        var whole = lines(all());
        assertThat(whole).extracting(Read.Line::text).isEqualTo(expected);
        for (var i = 0; i < whole.size(); i += 97) {
            assertThat(texts(new LogQuery(whole.get(i).cursor(), 5, false)))
                    .isEqualTo(expected.subList(i + 1, expected.size()));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 999, 1000, 5000})
    void theTailHasTheLastLines(int wanted) throws Exception {
        var written = IntStream.range(0, 1000)
                .mapToObj(i -> "line " + i + "y".repeat(i % 90))
                .toList();
        write(String.join("\n", written) + "\n");
        attempt.close();
        assertThat(texts(new LogQuery(null, wanted, false)))
                .isEqualTo(written.subList(Math.max(0, 1000 - wanted), 1000));
    }

    @Test
    void theTailCountsALastLineWithoutItsEnd() throws Exception {
        write("one\ntwo\nthree");
        attempt.close();
        assertThat(texts(new LogQuery(null, 2, false))).containsExactly("two", "three");
    }

    @Test
    void aLineIsGivenOnceItIsWhole() throws Exception {
        write("whole\nhalf");
        assertThat(texts(all())).containsExactly("whole");
        try (var reader = following()) {
            assertThat(reader.next(Duration.ZERO)).isEqualTo(new Read.Line("6", "whole"));
            assertThat(reader.next(Duration.ZERO)).isInstanceOf(Read.Quiet.class);
            write(" and the rest\n");
            assertThat(reader.next(Duration.ofSeconds(60))).isEqualTo(new Read.Line("24", "half and the rest"));
            write("last words");
            attempt.close();
            assertThat(reader.next(Duration.ofSeconds(60))).isEqualTo(new Read.Line("34", "last words"));
            assertThat(reader.next(Duration.ofSeconds(60))).isInstanceOf(Read.End.class);
        }
    }

    @Test
    void lineEndsOfWindowsAreLineEnds() throws Exception {
        write("one\r\n\r\n10%\r50%\r100%\r\n");
        attempt.close();
        assertThat(texts(all())).containsExactly("one", "", "10%\r50%\r100%");
    }

    @Test
    void whatIsNoTextIsShownAsFarAsItGoes() throws Exception {
        write("good\n");
        Files.write(
                attempt.output(),
                new byte[] {'a', (byte) 0xFF, 0, (byte) 0xC3, '\n', 'b', '\n'},
                StandardOpenOption.APPEND);
        attempt.close();
        assertThat(texts(all())).containsExactly("good", "a\uFFFD\0\uFFFD", "b");
    }

    @Test
    void aVeryLongLineComesInPiecesThatKeepCharactersWhole() throws Exception {
        var text = "x" + "算".repeat(100_000);
        write(text + "\nnext\n");
        attempt.close();
        var pieces = lines(all());
        assertThat(pieces).hasSizeGreaterThan(4);
        assertThat(String.join(
                        "",
                        pieces.subList(0, pieces.size() - 1).stream()
                                .map(Read.Line::text)
                                .toList()))
                .isEqualTo(text);
        assertThat(pieces)
                .allSatisfy(piece ->
                        assertThat(piece.text().getBytes(UTF_8)).hasSizeLessThanOrEqualTo(OutputReader.LONGEST_LINE));
        assertThat(texts(new LogQuery(pieces.get(1).cursor(), -1, false)))
                .isEqualTo(pieces.subList(2, pieces.size()).stream()
                        .map(Read.Line::text)
                        .toList());
    }

    @Test
    void theOldPartIsGivenBackAndReadersGoOn() throws Exception {
        var line = "%07d " + "z".repeat(91) + "\n"; // 100 bytes
        try (var reader = following()) {
            IntStream.range(0, 100).forEach(i -> append(line.formatted(i)));
            assertThat(reader.next(Duration.ZERO))
                    .isEqualTo(new Read.Line("100", line.formatted(0).strip()));
            IntStream.range(100, 40_000).forEach(i -> append(line.formatted(i)));
            flush();
            KeptOutput.bound(attempt, 1 << 20);
            var begin = KeptOutput.begin(attempt);
            assertThat(begin).isBetween(4_000_000L - (1 << 20) - 4096, 4_000_000L - (1 << 20) + 100);
            assertThat(allocated(attempt.output())).isLessThan(2 << 20);
            assertThat(Files.size(attempt.output())).isEqualTo(4_000_000);
            append(line.formatted(40_000));
            flush();
            attempt.close();
            var numbers = new ArrayList<Integer>();
            while (reader.next(Duration.ofSeconds(60)) instanceof Read.Line read) {
                assertThat(read.text()).hasSize(99);
                numbers.add(Integer.parseInt(read.text().substring(0, 7)));
            }
            // What it had already read ahead, then everything from the cut on, no line torn and none filled with zeros.
            var cut = (int) (begin / 100);
            assertThat(numbers).isSorted().doesNotHaveDuplicates().endsWith(40_000);
            assertThat(numbers.stream().filter(number -> number >= cut).toList())
                    .isEqualTo(IntStream.rangeClosed(cut, 40_000).boxed().toList());
            assertThat(texts(new LogQuery("100", -1, false))).hasSize(40_001 - cut);
            assertThat(texts(new LogQuery(null, 1_000_000, false))).hasSize(40_001 - cut);
        }
    }

    private final StringBuilder pending = new StringBuilder();

    private void append(String text) {
        pending.append(text);
        if (pending.length() == 100 * 100) {
            flush();
        }
    }

    private void flush() {
        try {
            write(pending.toString());
            pending.setLength(0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static long allocated(Path file) throws IOException, InterruptedException {
        var du = new ProcessBuilder("du", "--block-size=1", file.toString()).start();
        var said = new String(du.getInputStream().readAllBytes(), ISO_8859_1);
        assertThat(du.waitFor()).isZero();
        return Long.parseLong(said.split("\t", -1)[0]);
    }

    @Test
    void aFollowerOfWhatIsDeletedComesToAnEnd() throws Exception {
        write("one\n");
        try (var reader = following()) {
            assertThat(reader.next(Duration.ZERO)).isInstanceOf(Read.Line.class);
            Folders.delete(attempt.path());
            assertThat(reader.next(Duration.ofSeconds(60))).isInstanceOf(Read.End.class);
        }
    }

    @Test
    void aCursorThatIsNoneIsRefused() {
        assertThatThrownBy(() -> texts(new LogQuery("yesterday", -1, false)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'yesterday' is no log cursor");
    }

    @Test
    void aRunningTaskIsFollowedToItsLastWord() throws Exception {
        try (var machine = new TestMachine(home.resolve("machine"))) {
            var job = machine.run(training("for i in 1 2 3; do echo $i; sleep 0.1; done; printf end"));
            assertThat(machine.output(job, "main-0-1")).containsExactly("1", "2", "3", "end");
        }
    }
}
