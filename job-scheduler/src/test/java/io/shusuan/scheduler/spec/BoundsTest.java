package io.shusuan.scheduler.spec;

import static io.shusuan.scheduler.spec.FaultCode.*;
import static io.shusuan.scheduler.spec.SpecAssert.assertThatSpec;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts made to exhaust the reader. Each is stopped by a count, so the tests need no clock. */
class BoundsTest {

    private static final int MOST = SpecReader.MAX_BYTES;

    @Test
    void readsNoMoreThanItsLimitOfBytes() {
        assertThatSpec(Examples.SEED + "#".repeat(MOST - Examples.SEED.length()))
                .isAccepted();
        assertThatSpec(Examples.SEED + "#".repeat(MOST - Examples.SEED.length() + 1))
                .hasOneFaultAt(1, 1)
                .withCode(TOO_LARGE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{a: ", "- ", "? ", "{? ", "[[{a: [", "a:\n- "})
    void stopsAtItsLimitOfDepth(String opening) {
        var text = opening.repeat(MOST / opening.length());
        if (opening.equals("a:\n- ")) {
            text = nestedBlocks();
        }
        assertThatSpec(text).hasOneFault().withCode(TOO_DEEP).saying("20 levels");
    }

    @ParameterizedTest
    @ValueSource(strings = {"- 1\n", "- []\n", "- - 1\n", "- {a: b}\n"})
    void stopsAtItsLimitOfNodes(String item) {
        assertThatSpec(item.repeat(MOST / item.length()))
                .hasOneFault()
                .withCode(TOO_MANY_NODES)
                .saying("50000");
    }

    @Test
    void countsKeysAndValues() {
        var entries = IntStream.range(0, 25_000).mapToObj("k%d: v\n"::formatted).collect(joining());
        assertThatSpec(entries).hasOneFault().withCode(TOO_MANY_NODES);
    }

    @Test
    void expandsNoAliases() {
        var bomb = new StringBuilder("a0: &a0 [x, x]\n");
        for (var i = 1; i < 40; i++) {
            bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        }
        assertThat(faultsOf(bomb.toString())).extracting(Fault::code).contains(ANCHOR);
    }

    @Test
    void reportsABoundedNumberOfFaults() {
        var entries = IntStream.range(0, 20_000)
                .mapToObj("taskRole%d: v\n"::formatted)
                .collect(joining());
        var faults = faultsOf(entries);
        assertThat(faults).hasSize(Faults.MAX_REPORTED);
        assertThat(faults.getLast().line()).isEqualTo(Faults.MAX_REPORTED);
    }

    @Test
    void looksAtEachOfTooMany() {
        var variables = IntStream.range(0, 300).mapToObj("'%d': x"::formatted).collect(joining(", ", "{", "}"));
        var secrets = IntStream.range(0, 20).mapToObj("'%d_'"::formatted).collect(joining(", ", "[", "]"));
        assertThat(faultsOf("env: %s\n".formatted(variables)))
                .extracting(Fault::code)
                .contains(OUT_OF_RANGE, BAD_FORMAT);
        assertThat(faultsOf("imagePullSecrets: %s\n".formatted(secrets)))
                .extracting(Fault::code)
                .contains(OUT_OF_RANGE, BAD_FORMAT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x", "1", "-", "a ", "a-", "\"", "'", "\\", "%", "&a", "*", "!", "|\n ", "\n", "数", "a:", "0x", ".a",
                "/", "@"
            })
    void showsLittleOfALongValue(String piece) {
        var value = piece.repeat((MOST - 100) / piece.getBytes(StandardCharsets.UTF_8).length);
        for (var text :
                new String[] {value, "jobName: " + value, "jobName: \"" + value, value + ": x", "{\"jobName\": " + value
                }) {
            assertThat(faultsOf(text))
                    .allSatisfy(fault -> assertThat(fault.toString()).hasSizeLessThan(2000));
        }
    }

    private static List<Fault> faultsOf(String text) {
        var refused = catchThrowableOfType(
                SpecException.class, () -> new SpecReader().read(text.getBytes(StandardCharsets.UTF_8)));
        return refused.faults();
    }

    private static String nestedBlocks() {
        return IntStream.range(0, 1000)
                .mapToObj(depth -> " ".repeat(depth) + "a:\n")
                .collect(joining());
    }
}
