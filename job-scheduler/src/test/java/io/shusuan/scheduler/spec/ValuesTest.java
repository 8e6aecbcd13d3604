package io.shusuan.scheduler.spec;

import static io.shusuan.scheduler.spec.FaultCode.*;
import static io.shusuan.scheduler.spec.SpecAssert.assertThatJobWith;
import static io.shusuan.scheduler.spec.SpecAssert.assertThatRoleWith;
import static io.shusuan.scheduler.spec.SpecAssert.assertThatSpec;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "Digits|digits",
                "my_job|my-job",
                "digits train|digits-train",
                "digits-|digits",
                "1digits|digits",
                "数字|",
                "''''''|",
            })
    void refusesBadJobNames(String name, @Nullable String suggestion) {
        var fault = assertThatSpec("jobName: %s\ntaskRoles: [{name: a, command: b}]\n".formatted(name))
                .hasOneFaultAt(1, 10)
                .withCode(BAD_FORMAT)
                .allowing("1 to 63 lower-case letters");
        assertThat(fault.fault().suggestion()).isEqualTo(suggestion);
    }

    @Test
    void limitsTheLengthOfNames() {
        assertThatSpec("jobName: %s\ntaskRoles: [{name: a, command: b}]\n".formatted("x".repeat(63)))
                .isAccepted();
        assertThatSpec("jobName: %s\ntaskRoles: [{name: a, command: b}]\n".formatted("x".repeat(64)))
                .hasOneFault()
                .finding("x".repeat(60) + "…");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "queue: Vision, BAD_FORMAT, vision",
        "queue: 5, WRONG_TYPE, \"5\"",
        "kind: Training, BAD_FORMAT, training",
        "kind: infrence, BAD_FORMAT, inference",
        "kind: true, WRONG_TYPE, \"true\"",
        "priority: 1001, OUT_OF_RANGE, ",
        "priority: -1001, OUT_OF_RANGE, ",
        "priority: high, WRONG_TYPE, ",
        "service: {type: nodeport}, BAD_FORMAT, NodePort",
        "service: {type: ExternalName}, BAD_FORMAT, ",
        "service: NodePort, WRONG_TYPE, ",
        "service: {}, MISSING, ",
        "imagePullSecrets: registry, WRONG_TYPE, ",
        "imagePullSecrets: [Registry], BAD_FORMAT, registry",
        "'imagePullSecrets: [a, a]', DUPLICATE_VALUE, ",
        "description: 5, WRONG_TYPE, \"5\"",
    })
    void refusesOfAJob(String line, FaultCode code, @Nullable String suggestion) {
        var fault = assertThatJobWith(line).hasOneFault().withCode(code);
        assertThat(fault.fault().suggestion()).isEqualTo(suggestion);
    }

    @Test
    void limitsTheDescription() {
        assertThatJobWith("description: " + "x".repeat(4096)).isAccepted();
        assertThatJobWith("description: " + "x".repeat(4097)).hasOneFault().withCode(OUT_OF_RANGE);
        assertThatJobWith("description: \"bell \\a\"")
                .hasOneFault()
                .withCode(BAD_FORMAT)
                .saying("U+0007");
        assertThatJobWith("description: \"half \\ud83d\"")
                .hasOneFault()
                .withCode(BAD_FORMAT)
                .saying("U+D83D");
        assertThat(assertThatJobWith("description: \"\\ud83d\\ude00\"")
                        .isAccepted()
                        .spec()
                        .description())
                .isEqualTo("😀");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "command: '', BAD_FORMAT",
        "command: \" \\n\", BAD_FORMAT",
        "command: \"a\\0b\", BAD_FORMAT",
        "command: true, WRONG_TYPE",
        "command: [python], WRONG_TYPE",
        "command: {a: b}, WRONG_TYPE",
    })
    void refusesCommands(String line, FaultCode code) {
        assertThatSpec("jobName: a\ntaskRoles:\n- name: b\n  " + line)
                .hasOneFaultAt(4, 12)
                .withCode(code);
    }

    @Test
    void limitsTheCommand() {
        var text = "jobName: a\ntaskRoles:\n- name: b\n  command: ";
        assertThatSpec(text + "x".repeat(65536)).isAccepted();
        assertThatSpec(text + "x".repeat(65537))
                .hasOneFault()
                .withCode(OUT_OF_RANGE)
                .saying("65536 bytes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "python",
                "python:3.13-slim",
                "your-registry/pytorch-inference:v1",
                "registry.example.com/a/b/c_d/e__f/g---h:Tag_1.2-3",
                "localhost/x",
                "localhost:5000/x:y",
                "Registry.EXAMPLE.com:5000/team/x",
                "a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            })
    void takesImages(String image) {
        assertThatRoleWith("dockerImage: " + image).isAccepted();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "Python:3, python:3",
        "docker://python:3, python:3",
        "https://registry.example.com/x, registry.example.com/x",
        "a b, ",
        "a:, ",
        "a:b:c, ",
        "a//b, ",
        "/a, ",
        "a/, ",
        "a@sha256:12, ",
        "a@, ",
        "-a, ",
        "a:-b, ",
        "a..b, ",
        "a___b, ",
    })
    void refusesImages(String image, @Nullable String suggestion) {
        var fault = assertThatRoleWith("dockerImage: \"" + image + '"')
                .hasOneFault()
                .withCode(BAD_FORMAT);
        assertThat(fault.fault().suggestion()).isEqualTo(suggestion);
    }

    @Test
    void limitsTheImage() {
        assertThatRoleWith("dockerImage: " + "a/".repeat(300) + "b")
                .hasOneFault()
                .withCode(BAD_FORMAT);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "5000|WRONG_TYPE|write [5000]",
                "[\"5000\"]|WRONG_TYPE|remove the quotes",
                "[0]|OUT_OF_RANGE|from 1 to 65535",
                "[65536]|OUT_OF_RANGE|from 1 to 65535",
                "[-1]|OUT_OF_RANGE|from 1 to 65535",
                "[5000, 5000]|DUPLICATE_VALUE|line 5",
                "[{name: http, port: 1}, {name: http, port: 2}]|DUPLICATE_VALUE|line 5",
                "[{name: port-1, port: 1}, 2]|DUPLICATE_VALUE|port-1",
                "[{name: HTTP, port: 1}]|BAD_FORMAT|write http",
                "[{name: sixteen-letters-, port: 1}]|BAD_FORMAT|1 to 15",
                "[{name: sixteenletters16, port: 1}]|BAD_FORMAT|1 to 15",
                "[{name: a--b, port: 1}]|BAD_FORMAT|write a-b",
                "[{name: '1', port: 1}]|BAD_FORMAT|with a letter",
                "[{name: http}]|MISSING|port is missing",
                "[{port: 1}]|MISSING|name is missing",
                "[{name: http, number: 1, port: 1}]|UNKNOWN_FIELD|it has name, port",
                "[[1]]|WRONG_TYPE|a whole number",
                "[true]|WRONG_TYPE|a whole number",
            })
    void refusesPorts(String ports, FaultCode code, String words) {
        assertThatRoleWith("ports: " + ports).hasOneFault().withCode(code).saying(words);
    }

    @Test
    void limitsHowManyThereAre() {
        assertThatRoleWith("ports: " + numbers(1, 32)).isAccepted();
        assertThatRoleWith("ports: " + numbers(1, 33))
                .hasOneFault()
                .withCode(OUT_OF_RANGE)
                .saying("has 33 entries");
        assertThatSpec("{jobName: a, taskRoles: [" + roles(64) + "]}").isAccepted();
        assertThatSpec("{jobName: a, taskRoles: [" + roles(65) + "]}")
                .hasOneFault()
                .withCode(OUT_OF_RANGE);
        assertThatRoleWith("env: {" + variables(256) + "}").isAccepted();
        assertThatRoleWith("env: {" + variables(257) + "}").hasOneFault().withCode(OUT_OF_RANGE);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "env: {HOST: x}|CONFLICT|is set by the platform",
                "env: {PORT: 80}|CONFLICT|declare ports with 'ports'",
                "env: {PORT_1: 80}|CONFLICT|declare ports",
                "env: {SHUSUAN_JOB_ID: x}|CONFLICT|rename it",
                "env: {a-b: x}|BAD_FORMAT|letters, digits and '_'",
                "env: {1A: x}|BAD_FORMAT|not beginning with a digit",
                "env: {\"\": x}|BAD_FORMAT|letters",
                "env: {\"A=B\": x}|BAD_FORMAT|letters",
                "env: {A: [x]}|WRONG_TYPE|in quotes",
                "env: {A: {b: c}}|WRONG_TYPE|in quotes",
                "env: {A: }|WRONG_TYPE|for an empty value, write \"\"",
                "env: {A: \"\\0\"}|BAD_FORMAT|U+0000",
                "env: [A=x]|WRONG_TYPE|NAME: value",
                "env: A=x|WRONG_TYPE|NAME: value",
            })
    void refusesVariables(String line, FaultCode code, String words) {
        assertThatJobWith(line).hasOneFault().withCode(code).saying(words);
        assertThatRoleWith(line).hasOneFault().withCode(code).saying(words);
    }

    @Test
    void pointsAtTheNameOrTheValueOfAVariable() {
        assertThatJobWith("env: {HOST: x}")
                .hasOneFaultAt(1, 7)
                .atPath("env.HOST")
                .finding("HOST");
        assertThatJobWith("env: {A: [x]}").hasOneFaultAt(1, 10).atPath("env.A").finding("a list");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PORTS", "PORT_A", "HOSTNAME", "SHUSUAN", "_", "a1", "PATH"})
    void takesVariables(String name) {
        assertThatJobWith("env: {%s: x}".formatted(name)).isAccepted();
    }

    private static String numbers(int first, int last) {
        return IntStream.rangeClosed(first, last).boxed().toList().toString();
    }

    private static String roles(int count) {
        return IntStream.range(0, count)
                .mapToObj("{name: role-%d, command: x}"::formatted)
                .collect(joining(", "));
    }

    private static String variables(int count) {
        return IntStream.range(0, count).mapToObj("V%d: x"::formatted).collect(joining(", "));
    }
}
