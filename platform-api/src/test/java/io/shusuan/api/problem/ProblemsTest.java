package io.shusuan.api.problem;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.api.testing.ApiTest;
import java.io.ByteArrayInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProblemsTest extends ApiTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api",
                "/api/",
                "/api/v1",
                "/api/v1/nothing",
                "/api/v2/jobs",
                "/api/v1/jobs/a/b/c",
                "/serve/",
                "/actuator/nothing"
            })
    void knowsNoOtherPaths(String path) {
        assertThat(get(admin(), path)).isProblem(404, "not-found").isTraceable();
    }

    @ParameterizedTest
    @CsvSource({
        "PUT,/api/v1/jobs",
        "PATCH,/api/v1/jobs/x",
        "DELETE,/api/v1/jobs",
        "POST,/api/v1/cluster",
        "GET,/api/v1/queues/default"
    })
    void namesTheMethodsThatAPathTakes(String method, String path) {
        var answer = call(method, path).as(admin()).send();

        assertThat(answer).isProblem(405, "method-not-allowed").isTraceable();
        assertThat(answer.header("Allow")).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/xml", "image/png", "text/html"})
    void saysThatThereIsNoAnswerInThatForm(String accept) {
        assertThat(call("GET", "/api/v1/jobs").as(user()).with("Accept", accept).send())
                .isProblem(406, "not-acceptable");
    }

    @ParameterizedTest
    @ValueSource(strings = {"garbage", "a/b/c", "application/json;q=7"})
    void answersAnAcceptThatCannotBeRead(String accept) {
        var answer =
                call("GET", "/api/v1/jobs").as(user()).with("Accept", accept).send();

        assertThat(answer).isProblem(406, "not-acceptable");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "7",
                "\"x\"",
                "{\"label\": {}}",
                "{\"expiresInDays\": \"soon\"}",
                "{\"expiresInDays\": 1e99}",
                "{\"label\":\"\\u0000\"}"
            })
    void answersBodiesThatAreNoToken(String body) {
        assertThat(call("POST", "/api/v1/tokens").as(user()).json(body).send())
                .isProblem(400, "bad-request")
                .isTraceable();
    }

    @Test
    void saysWhereABodyIsWrong() {
        assertThat(call("POST", "/api/v1/tokens")
                        .as(user())
                        .json("{\n  \"expiresInDays\": \"soon\"\n}")
                        .send())
                .says("expiresInDays", "line 2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/tokens", "/api/v1/agents", "/api/v1/users"})
    void readsNoMoreThanAMebibyte(String path) {
        var large =
                "{\"label\": \"%s\"}".formatted("x".repeat(2 << 20)).getBytes(java.nio.charset.StandardCharsets.UTF_8);

        assertThat(call("POST", path)
                        .as(admin())
                        .with("Content-Type", "application/json")
                        .chunked(() -> new ByteArrayInputStream(large))
                        .send())
                .isProblem(413, "too-large");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"models\": [null]}", "{\"agentId\": \"x\"}", "{\"startedAt\": \"noon\"}", "{}"})
    void answersReportsThatAreNone(String body) {
        assertThat(call("POST", "/api/v1/agents").as(admin()).json(body).send()).isProblem(400, "bad-request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/tokens/x", "/api/v1/tokens/00000000-0000-0000-0000-000000000000"})
    void revokesNothingUnderGarbage(String path) {
        var answer = call("DELETE", path).as(user()).send();
        assertThat(answer.status()).isIn(400, 404);
        assertThat(answer).isProblem(answer.status(), answer.at("/code"));
    }

    @ParameterizedTest
    @CsvSource({"short,short", "9name,long enough password", "a b,long enough password"})
    void saysWhatAnAccountNeeds(String name, String password) {
        assertThat(call("POST", "/api/v1/users")
                        .as(admin())
                        .json("{\"name\": \"%s\", \"password\": \"%s\"}".formatted(name, password))
                        .send())
                .isProblem(400, "bad-request");
    }

    @Test
    void refusesAPasswordThatWouldBeCutShort() {
        assertThat(call("POST", "/api/v1/users")
                        .as(admin())
                        .json("{\"name\": \"%s\", \"password\": \"%s\"}".formatted(unique("long"), "ä".repeat(40)))
                        .send())
                .isProblem(400, "bad-request")
                .says("72 bytes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//api/v1/jobs",
                "/api/v1/jobs;a=b",
                "/api/v1/../v1/jobs",
                "/api/v1/jobs%2F",
                "/api/%2e%2e/x",
                "/api/v1/jobs%25"
            })
    void refusesPathsThatMeanSomethingElse(String path) {
        var answer = get(user(), path);

        assertThat(answer.status()).isIn(400, 302, 401);
        assertThat(answer.text()).doesNotContain("Exception", "Tomcat");
    }

    @Test
    void answersHeadLikeGetWithoutABody() {
        var head = call("HEAD", "/api/v1/jobs").as(user()).send();

        assertThat(head).hasStatus(200);
        assertThat(head.body()).isEmpty();
        assertThat(call("HEAD", "/api/v1/jobs/x").as(user()).send()).hasStatus(404);
    }

    @Test
    void takesAndGivesBackARequestId() {
        var user = user();

        assertThat(call("GET", "/api/v1/jobs")
                        .as(user)
                        .with("X-Request-Id", "trace-1.a:b")
                        .send())
                .hasHeader("X-Request-Id", "trace-1.a:b");
        assertThat(call("GET", "/api/v1/jobs/x")
                        .as(user)
                        .with("X-Request-Id", "my-id")
                        .send()
                        .at("/requestId"))
                .isEqualTo("my-id");
        assertThat(call("GET", "/api/v1/jobs")
                        .as(user)
                        .with("X-Request-Id", "no good")
                        .send()
                        .header("X-Request-Id"))
                .hasValueSatisfying(id -> assertThat(id).matches("[0-9a-f]{16}"));
    }
}
