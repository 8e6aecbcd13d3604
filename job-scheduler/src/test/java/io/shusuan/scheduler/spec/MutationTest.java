package io.shusuan.scheduler.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Valid texts with bytes changed at random: each parses, or is refused with faults that lie inside the text. */
class MutationTest {

    private static final int ROUNDS = 2000;
    private static final List<String> PIECES = List.of(
            "\t",
            "\n",
            ":",
            ": ",
            "- ",
            "[",
            "]",
            "{",
            "}",
            "\"",
            "'",
            "&a ",
            "*a ",
            "!!str ",
            "#",
            "|\n",
            ">",
            "%",
            "@",
            "? ",
            "---\n",
            "\\",
            "\\u",
            "\\UFFFFFFFF",
            "~",
            "0x",
            "1e99",
            ".nan",
            "-",
            "\u0000",
            "\uFEFF",
            "\u0085",
            "\u2028",
            "数",
            "<<: *a\n",
            "null",
            "true",
            "9999999999",
            "\r",
            "\r\n",
            "...",
            ",");

    private final SpecReader reader = new SpecReader();

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void parsesOrIsRefusedWithPositionsInsideTheText(long seed) {
        var random = new Random(seed);
        for (var round = 0; round < ROUNDS; round++) {
            var text = mutated(Examples.ALL.get(random.nextInt(Examples.ALL.size())), random);
            try {
                assertThat(reader.read(text)).isNotNull();
            } catch (SpecException refused) {
                assertThat(refused.faults()).isNotEmpty();
                var lines = new String(text, StandardCharsets.UTF_8).split("\r\n|\r|\n", -1);
                refused.faults().forEach(fault -> checkInside(lines, fault));
                assertThat(refused.faults()).isSortedAccordingTo(MutationTest::inTextOrder);
            } catch (RuntimeException unexpected) {
                throw new AssertionError(
                        "not refused but failed on: " + new String(text, StandardCharsets.UTF_8), unexpected);
            }
        }
    }

    private static byte[] mutated(String text, Random random) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        for (var changes = 1 + random.nextInt(3); changes > 0; changes--) {
            bytes = changed(bytes, random);
        }
        return bytes;
    }

    private static byte[] changed(byte[] bytes, Random random) {
        var from = random.nextInt(bytes.length);
        var until = Math.min(bytes.length, from + random.nextInt(4));
        var changed = new ByteArrayOutputStream();
        changed.write(bytes, 0, from);
        switch (random.nextInt(4)) {
            case 0 -> changed.write(random.nextInt(256));
            case 1 ->
                changed.writeBytes(PIECES.get(random.nextInt(PIECES.size())).getBytes(StandardCharsets.UTF_8));
            case 2 -> changed.write(bytes, until, random.nextInt(bytes.length - until + 1)); // what follows, twice
            default -> {} // leaves a piece out
        }
        changed.write(bytes, until, bytes.length - until);
        return changed.size() == 0 ? new byte[] {'x'} : changed.toByteArray();
    }

    private static void checkInside(String[] lines, Fault fault) {
        assertThat(fault.line()).isBetween(1, lines.length);
        var line = lines[fault.line() - 1];
        assertThat(fault.column())
                .as("column in '%s' of %s", line, fault)
                .isBetween(1, line.codePointCount(0, line.length()) + 1);
        assertThat(fault.message()).isNotBlank().hasSizeLessThan(600);
    }

    private static int inTextOrder(Fault one, Fault other) {
        return new Position(one.line(), one.column()).compareTo(new Position(other.line(), other.column()));
    }
}
