package io.shusuan.api.job;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.api.testing.ApiTest;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubmitTest extends ApiTest {

    private static final int MIB = 1 << 20;

    private static String seed(String name) {
        return JobExamples.INFERENCE.replace("pytorch-inference", name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/yaml", "text/yaml", "application/x-yaml", "application/yaml;charset=utf-8"})
    void takesTheSeedUnchanged(String type) {
        var user = user();
        var name = unique("seed");

        var answer =
                call("POST", "/api/v1/jobs").as(user).body(type, seed(name)).send();

        assertThat(answer).hasStatus(201);
        assertThat(answer).hasHeader("Location", "/api/v1/jobs/" + answer.at("/id"));
        assertThat(answer.at("/name")).isEqualTo(name);
        assertThat(answer.at("/kind")).isEqualTo("inference");
        assertThat(answer.at("/queue")).isEqualTo("default");
        assertThat(answer.json().path("assumptions").toString()).contains("inference");
        var stored = get(user, answer.header("Location").orElseThrow());
        assertThat(stored.at("/id")).isEqualTo(answer.at("/id"));
    }

    @Test
    void saysWhyTheSeedWaitsOnAMachineWithoutGpu() {
        var user = user();
        var id = submitted(user, seed(unique("gpu")));

        org.awaitility.Awaitility.await()
                .until(() -> get(user, "/api/v1/jobs/" + id).at("/message"), message -> message.contains("GPU"));
        assertThat(get(user, "/api/v1/jobs/" + id).at("/state")).isEqualTo("QUEUED");
    }

    /** No node has so many cores, so it stays in the queue. */
    @Test
    void takesAConversion() {
        var user = user();
        var id = submitted(user, """
                jobName: %s
                mounts: [{name: model, path: /models, pvc: models}]
                conversion: {model: digits, to: int8}
                taskRoles: [{name: convert, cpuNumber: 400}]
                """.formatted(unique("convert")));

        assertThat(get(user, "/api/v1/jobs/" + id).at("/kind")).isEqualTo("conversion");
        assertThat(get(user, "/api/v1/jobs?kind=conversion").text()).contains(id);
    }

    @Test
    void tellsCoresInPlainNumbers() {
        var user = user();
        var id = submitted(user, seed(unique("large")).replaceFirst("cpuNumber: .*", "cpuNumber: 400"));

        assertThat(get(user, "/api/v1/jobs/" + id).text()).contains("\"cpus\":400,");
    }

    @ParameterizedTest
    @ValueSource(strings = {"jobName: a\ntaskRoles: []\n", "{'jobName': 'a'}", "{\"jobName\": \"a\",}", "{} # a job"})
    void takesNoYamlForJson(String text) {
        var answer = call("POST", "/api/v1/jobs").as(user()).json(text).send();

        assertThat(answer).hasStatus(400);
        assertThat(answer.at("/errors/0/code")).isEqualTo("SYNTAX");
        assertThat(answer.at("/errors/0/allowed")).isEqualTo("JSON");
        assertThat(answer.at("/errors/0/message")).contains("application/yaml");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"jobName\": \"a\" \"kind\": \"b\"}", "{\"jobName\": 1", "\uFEFF"})
    void explainsJsonThatIsCutOrMissesSomethingAsAnyText(String text) {
        var answer = call("POST", "/api/v1/jobs").as(user()).json(text).send();

        assertThat(answer).hasStatus(400);
        assertThat(answer.at("/errors/0/message")).doesNotContain("application/yaml");
    }

    @Test
    void takesJson() {
        var answer = call("POST", "/api/v1/jobs")
                .as(user())
                .json("""
                        {"jobName": "%s", "queue": "%s", "taskRoles": [{"name": "a", "taskNumber": 2, "cpuNumber": 1,
                         "memoryMB": 64, "command": "true", "dockerImage": "x/y:1"},
                         {"name": "b", "taskNumber": 1, "cpuNumber": 1, "memoryMB": 64, "command": "true", "ports": [80, 81],
                          "readiness": {"path": "/healthz", "port": 81}}]}""".formatted(unique("json"), heldQueue()))
                .send();

        assertThat(answer).hasStatus(201);
        assertThat(answer.at("/kind")).isEqualTo("inference");
        assertThat(answer.json().at("/taskRoles/0/taskNumber").asInt()).isEqualTo(2);
        assertThat(answer.json().at("/taskRoles/0/readiness").isMissingNode()).isTrue();
        assertThat(answer.json().at("/taskRoles/1/readiness").toString())
                .isEqualTo("{\"path\":\"/healthz\",\"port\":\"port-1\"}");
    }

    @Test
    void givesBackTheBytesItWasGiven() {
        var user = user();
        var text = ("# Größe: 数算岛 🚀\r\n"
                        + training(unique("bytes"), heldQueue(), "echo 'ä'").replace("\n", "\r\n")
                        + "# the end, without a line feed")
                .getBytes(StandardCharsets.UTF_8);

        var id = call("POST", "/api/v1/jobs")
                .as(user)
                .with("Content-Type", "text/yaml")
                .bytes(text)
                .send()
                .at("/id");

        var spec = get(user, "/api/v1/jobs/" + id + "/spec");
        assertThat(spec.body()).isEqualTo(text);
        assertThat(spec).hasHeader("Content-Type", "text/yaml;charset=utf-8");
    }

    @Test
    void listsAllFaultsWithTheirPlaces() {
        var answer = submit(user(), """
                jobName: faulty
                qeue: default
                taskRoles:
                - name: main
                  taskNumber: -1
                  cpuNumber: 1
                  memoryMB: 64
                  command: "true"
                  dockerImage: x/y:1
                """);

        assertThat(answer).isProblem(422, "invalid-spec").isTraceable().says("2 fault(s)");
        var typo = answer.json().at("/errors/0");
        assertThat(typo.path("line").asInt()).isEqualTo(2);
        assertThat(typo.path("column").asInt()).isEqualTo(1);
        assertThat(typo.path("path").asString()).isEqualTo("qeue");
        assertThat(typo.path("suggestion").asString()).isEqualTo("queue");
        var number = answer.json().at("/errors/1");
        assertThat(number.path("path").asString()).isEqualTo("taskRoles[0].taskNumber");
        assertThat(number.path("found").asString()).isEqualTo("-1");
        assertThat(number.path("allowed").asString()).isNotBlank();
    }

    @Test
    void tellsNamesThatLeadNowhereBesideWhatIsWrongInTheText() {
        var answer = submit(user(), """
                jobName: lost
                queue: nowhere
                priority: 5000
                mounts:
                - {name: model, path: /m, artifacts: nobody}
                taskRoles:
                - {name: main, taskNumber: 1, cpuNumber: 1, memoryMB: 64, command: "true", dockerImage: x/y:1}
                """);

        assertThat(answer).isProblem(422, "invalid-spec").says("3 fault(s)");
        Assertions.assertThat(answer.json().at("/errors").findValuesAsString("path"))
                .containsExactly("queue", "priority", "mounts[0].artifacts");
    }

    @Test
    void tellsThemBesideWhatIsNotRead() {
        var answer = submit(user(), "jobName: &a lost\nqueue: nowhere\ntaskRoles: []\n");

        assertThat(answer).isProblem(400, "malformed-spec");
        Assertions.assertThat(answer.json().at("/errors").findValuesAsString("code"))
                .containsExactly("ANCHOR", "UNKNOWN_REFERENCE", "MISSING");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a: [",
                "a: 1\na: 2",
                "a: &x 1\nb: *x",
                "\tjobName: x",
                "{\"jobName\": \u0001}",
                "--- a\n--- b"
            })
    void answersATextThatCannotBeRead(String text) {
        var answer = submit(user(), text);

        assertThat(answer).isProblem(400, "malformed-spec");
        assertThat(answer.json().at("/errors/0/line").asInt()).isPositive();
    }

    @Test
    void saysWhoHoldsAName() {
        var user = user();
        var text = training(unique("taken"), heldQueue(), "true");
        var holder = submitted(user, text);

        var answer = submit(user(), text);

        assertThat(answer).isProblem(409, "name-taken").says(holder);
        assertThat(answer.at("/job")).isEqualTo(holder);
    }

    @Test
    void refusesMoreThanAMebibyteOfKnownAndUnknownLength() {
        var user = user();
        var large = "#".repeat(MIB + 1).getBytes(StandardCharsets.UTF_8);

        var known = call("POST", "/api/v1/jobs")
                .as(user)
                .with("Content-Type", "text/yaml")
                .bytes(large)
                .send();
        var unknown = call("POST", "/api/v1/jobs")
                .as(user)
                .with("Content-Type", "text/yaml")
                .chunked(() -> new ByteArrayInputStream(large))
                .send();

        assertThat(known).isProblem(413, "too-large");
        assertThat(unknown).isProblem(413, "too-large");
    }

    @Test
    void takesAMebibyteOfUnknownLength() {
        var text = training(unique("large"), heldQueue(), "true");
        var padded = (text + "#".repeat(MIB - text.length())).getBytes(StandardCharsets.UTF_8);

        var answer = call("POST", "/api/v1/jobs")
                .as(user())
                .with("Content-Type", "text/yaml")
                .chunked(() -> new ByteArrayInputStream(padded))
                .send();

        assertThat(answer).hasStatus(201);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/xml", "garbage", "application/x-www-form-urlencoded", "*/*"})
    void refusesOtherTypes(String type) {
        assertThat(call("POST", "/api/v1/jobs")
                        .as(user())
                        .body(type, "jobName: x")
                        .send())
                .isProblem(415, "unsupported-media-type")
                .says(type, "application/yaml");
    }

    @Test
    void asksForAMissingType() {
        assertThat(call("POST", "/api/v1/jobs")
                        .as(user())
                        .bytes(new byte[] {'a'})
                        .send())
                .isProblem(415, "unsupported-media-type")
                .says("missing");
    }
}
