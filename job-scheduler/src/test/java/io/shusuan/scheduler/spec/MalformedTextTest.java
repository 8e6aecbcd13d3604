package io.shusuan.scheduler.spec;

import static io.shusuan.scheduler.spec.FaultCode.*;
import static io.shusuan.scheduler.spec.SpecAssert.assertThatSpec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MalformedTextTest {

    @Test
    void refusesBytesThatAreNoUtf8() {
        var text = "jobName: a\n# é\n".getBytes(StandardCharsets.ISO_8859_1);
        assertThatSpec(text)
                .hasOneFaultAt(2, 3)
                .withCode(NOT_UTF8)
                .saying("byte 14 (0xE9)")
                .finding("0xE9")
                .allowing("UTF-8");
    }

    @Test
    void refusesACutCharacter() {
        assertThatSpec(new byte[] {'a', (byte) 0xE4, (byte) 0xB8})
                .hasOneFaultAt(1, 2)
                .withCode(NOT_UTF8);
    }

    @Test
    void refusesUtf16() {
        assertThatSpec(Examples.SEED.getBytes(StandardCharsets.UTF_16))
                .hasOneFault()
                .withCode(NOT_UTF8);
    }

    @Test
    void refusesInvisibleCharactersEachAtItsPlace() {
        assertThatSpec("jobName: a\u0000b\n#\u001b[31m\n")
                .hasFaults(CONTROL_CHARACTER, CONTROL_CHARACTER)
                .hasFaultAt(1, 11)
                .saying("U+0000")
                .and()
                .hasFaultAt(2, 2)
                .saying("U+001B");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n", "# nothing\n", "---\n", "--- # nothing\n...\n", "\uFEFF", "null", "~"})
    void refusesATextWithoutAJob(String text) {
        assertThatSpec(text).hasOneFault().withCode(text.matches("null|~") ? WRONG_TYPE : EMPTY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"jobName", "- jobName: a", "[]", "42", "\"jobName: a\""})
    void refusesWhatIsNoMapping(String text) {
        assertThatSpec(text)
                .hasOneFaultAt(1, 1)
                .withCode(WRONG_TYPE)
                .saying("the document must be a job with the keys jobName");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"jobName: a\ntaskRoles:\n- name: b\n\tcommand: c\n", "env:\n \tA: b\n", "jobName: a\n\tkind: b"})
    void refusesTabsAsIndentation(String text) {
        var before = text.substring(0, text.indexOf('\t'));
        var line = (int) before.lines().count() + (before.endsWith("\n") ? 1 : 0);
        assertThatSpec(text)
                .hasOneFaultAt(line, before.length() - before.lastIndexOf('\n'))
                .withCode(TAB_INDENTATION)
                .saying("spaces");
    }

    @Test
    void refusesAnchorsAndAliasesAndReadsOn() {
        assertThatSpec("""
                jobName: &name digits
                description: *name
                taskRoles:
                - {name: worker, command: run, gpus: 1}
                """)
                .hasFaults(ANCHOR, ANCHOR, UNKNOWN_FIELD)
                .hasFaultAt(1, 10)
                .saying("anchors (&name)")
                .atPath("jobName")
                .and()
                .hasFaultAt(2, 14)
                .saying("aliases (*name)")
                .atPath("description");
    }

    @Test
    void refusesMergeKeys() {
        assertThatSpec("""
                jobName: digits
                taskRoles:
                - {<<: *base, name: worker, command: run}
                """).hasFaults(UNKNOWN_FIELD, ANCHOR);
    }

    @Test
    void refusesTagsAndReadsOn() {
        assertThatSpec("""
                jobName: !!python/object/apply:os.system ["true"]
                taskRoles: !roles
                - {name: worker, command: !!str 5, cpuNumber: "4"}
                """)
                .hasFaults(TAG, WRONG_TYPE, TAG, TAG, WRONG_TYPE)
                .hasFaultAt(2, 12)
                .saying("!roles");
    }

    @Test
    void refusesATagWithAnUnknownHandle() {
        assertThatSpec("jobName: !e!x y").hasOneFaultAt(1, 10).withCode(TAG);
    }

    @Test
    void refusesKeysGivenTwice() {
        assertThatSpec("""
                jobName: digits
                taskRoles:
                - name: worker
                  command: run
                  "name": other
                jobName: letters
                """)
                .hasFaults(DUPLICATE_KEY, DUPLICATE_KEY)
                .hasFaultAt(5, 3)
                .atPath("taskRoles[0].name")
                .saying("line 3")
                .and()
                .hasFaultAt(6, 1)
                .atPath("jobName")
                .saying("line 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "true", "null", "~", "1.5", "? [a]\n", "? {a: b}\n"})
    void refusesKeysThatAreNoText(String key) {
        assertThatSpec(Examples.SEED + key + ": x\n")
                .hasOneFault()
                .withCode(WRONG_TYPE)
                .saying("a key must be text");
    }

    @Test
    void refusesASecondDocument() {
        assertThatSpec(Examples.SEED + "---\n" + Examples.SEED)
                .hasOneFaultAt(12, 1)
                .withCode(MULTIPLE_DOCUMENTS);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "'# \u0000'|CONTROL_CHARACTER|U+0000|text without invisible characters",
                "'jobName: a: b'|SYNTAX|: b|in quotes",
                "'jobName: [a'|SYNTAX|nothing|or a closing bracket",
                "'a: b\n\tc: d'|TAB_INDENTATION|a tab|spaces",
                "'jobName: &x a'|ANCHOR|&x|the value without an anchor",
                "'jobName: *x'|ANCHOR|*x|the value written out",
                "'jobName: !!str a'|TAG|!!str|the value without a tag",
                "'jobName: !e!x y'|TAG|!e!x y|the value without a tag",
                "'kind: a\nkind: b'|DUPLICATE_KEY|kind|each key once",
                "'{}\n--- {}'|MULTIPLE_DOCUMENTS|a second document|one document",
                "'# nothing'|EMPTY|nothing|a job with the keys jobName",
                "'- - - - - - - - - - - - - - - - - - - - - - a'|TOO_DEEP|one level more|at most 20 levels",
                "'{}'|MISSING|nothing|jobName"
            })
    void saysWhatItFoundAndWhatIsAllowed(String text, FaultCode code, String found, String allowed) {
        assertThatSpec(text).hasFaultOf(code).finding(found).allowing(allowed);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "'jobName: a: b'|1|11|put a value that holds ': ' in quotes",
                "'jobName: \"abc\nkind: x'|1|10|never closed",
                "'jobName: ''abc'|1|10|never closed",
                "'{\"jobName\": \"a\"'|1|16|closing bracket",
                "'{\"jobName\": \"a\" \"kind\": \"b\"}'|1|17|closing bracket",
                "'jobName: @a'|1|10|put the value in quotes",
                "'jobName: \"\\q\"'|1|12|backslash",
                "'jobName: a\nkind\nqueue: b'|2|1|followed by ': '",
                "'env:\n    A: b\n  C: d'|3|3|indentation",
                "'jobName: - a'|1|10|a line of its own",
                "'{} x'|1|4|the document ended",
                "'%YAML 3.0\n--- {}'|2|1|",
                "'jobName: \"\\UFFFFFFFF\"'|1|13|cannot be read",
            })
    void saysInPlainWordsWhatIsNoYaml(String text, int line, int column, @Nullable String words) {
        assertThatSpec(text).hasOneFaultAt(line, column).withCode(SYNTAX).saying(words == null ? "" : words);
    }

    @Test
    void tellsWhatCannotBeReadFromWhatIsWrong() {
        var reader = new SpecReader();
        var unreadable = catchThrowableOfType(SpecException.class, () -> reader.read(new byte[] {'['}));
        var wrong = catchThrowableOfType(SpecException.class, () -> reader.read(new byte[] {'[', ']'}));
        assertThat(unreadable.malformed()).isTrue();
        assertThat(wrong.malformed()).isFalse();
    }
}
