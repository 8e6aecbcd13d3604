package io.shusuan.api.queue;

import static io.shusuan.api.testing.AnswerAssert.assertThat;

import io.shusuan.api.testing.Answer;
import io.shusuan.api.testing.ApiTest;
import java.time.Instant;
import java.util.List;
import java.util.stream.StreamSupport;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The line of a queue, and how administrators put it into another order. */
class LineTest extends ApiTest {

    private Answer put(String token, String job, String json) {
        return call("PUT", "/api/v1/jobs/" + job + "/priority")
                .as(token)
                .json(json)
                .send();
    }

    private List<String> line(String queue) {
        var answer = get(user(), "/api/v1/queues/" + queue + "/line");
        assertThat(answer).hasStatus(200);
        return StreamSupport.stream(answer.json().spliterator(), false)
                .map(each -> each.path("job").path("id").asString(""))
                .toList();
    }

    private int changes(String job) {
        return get(user(), "/api/v1/jobs/" + job + "/events").text().split("PriorityChanged", -1).length - 1;
    }

    @Test
    void whoIsGivenAHigherPriorityStandsAndRunsBeforeTheOthers() {
        var queue = heldQueue();
        var admin = admin();
        call("PUT", "/api/v1/queues/" + queue)
                .as(admin)
                .json("{\"quotas\": [{\"flavour\": \"default\", \"nominal\": {\"cpus\": 1}}]}")
                .send();
        var ada = user();
        var first = submitted(ada, training(unique("job"), queue, "true"));
        var second = submitted(ada, training(unique("job"), queue, "true"));
        Assertions.assertThat(line(queue)).containsExactly(first, second);

        var moved = put(admin, second, "{\"priority\": 1}");
        assertThat(moved).hasStatus(200);
        Assertions.assertThat(moved.at("/position")).isEqualTo("1");
        Assertions.assertThat(moved.at("/priority")).isEqualTo("1");
        Assertions.assertThat(line(queue)).containsExactly(second, first);
        Assertions.assertThat(get(ada, "/api/v1/jobs/" + second + "/events").text())
                .contains("changed its priority from 0 to 1");
        put(admin, second, "{\"priority\": 1}");
        Assertions.assertThat(changes(second)).isEqualTo(1);

        post(admin, "/api/v1/queues/" + queue + "/resume");
        awaitState(ada, first, "SUCCEEDED");
        Assertions.assertThat(admitted(ada, second)).isBefore(admitted(ada, first));
        Assertions.assertThat(line(queue)).isEmpty();
        assertThat(put(admin, first, "{\"priority\": 1}"))
                .isProblem(409, "wrong-state")
                .says("SUCCEEDED");
    }

    private Instant admitted(String token, String job) {
        return Instant.parse(get(token, "/api/v1/jobs/" + job).at("/admittedAt"));
    }

    @Test
    void whoIsGivenAClassFollowsItUntilItIsGivenANumber() {
        var name = unique("class");
        var admin = admin();
        call("PUT", "/api/v1/priority-classes/" + name)
                .as(admin)
                .json("{\"value\": 7}")
                .send();
        var queue = heldQueue();
        var ada = user();
        var job = submitted(ada, training(unique("job"), queue, "true") + "priority: 3\n");

        var ofClass = put(admin, job, "{\"priorityClass\": \"%s\"}".formatted(name));
        Assertions.assertThat(ofClass.at("/priority")).isEqualTo("7");
        Assertions.assertThat(ofClass.at("/priorityClass")).isEqualTo(name);
        call("PUT", "/api/v1/priority-classes/" + name)
                .as(admin)
                .json("{\"value\": 9}")
                .send();
        var inLine = get(ada, "/api/v1/queues/" + queue + "/line");
        Assertions.assertThat(inLine.at("/0/job/priority")).isEqualTo("9");
        Assertions.assertThat(inLine.at("/0/job/priorityClass")).isEqualTo(name);

        assertThat(put(admin, job, "{\"priority\": 9}")).hasStatus(200);
        Assertions.assertThat(get(ada, "/api/v1/jobs/" + job + "/events").text())
                .contains("from 3 to 7 (%s)".formatted(name), "from 9 (%s) to 9".formatted(name));
        assertThat(call("DELETE", "/api/v1/priority-classes/" + name).as(admin).send())
                .hasStatus(204);
        Assertions.assertThat(get(ada, "/api/v1/jobs/" + job).at("/priority")).isEqualTo("9");
    }

    @Test
    void whatRunsEndsAsEverWithItsNewPriority() {
        var ada = user();
        var job = submitted(ada, training(unique("job"), "default", "sleep 2"));
        awaitState(ada, job, "RUNNING");
        assertThat(put(admin(), job, "{\"priority\": -5}")).hasStatus(200);
        awaitState(ada, job, "SUCCEEDED");
        Assertions.assertThat(get(ada, "/api/v1/jobs/" + job).at("/priority")).isEqualTo("-5");
    }

    @Test
    void aQueueIsGivenNoPriorityThatItDoesNotTake() {
        var queue = heldQueue();
        var admin = admin();
        var job = submitted(user(), training(unique("job"), queue, "true"));
        call("PUT", "/api/v1/queues/" + queue)
                .as(admin)
                .json("{\"priorities\": {\"highest\": 10}}")
                .send();
        assertThat(put(admin, job, "{\"priority\": 11}"))
                .isProblem(409, "priority-not-taken")
                .says("queue %s takes priorities up to 10, not 11".formatted(queue));
        assertThat(put(admin, job, "{\"priority\": 10}")).hasStatus(200);
        Assertions.assertThat(changes(job)).isEqualTo(1);
    }

    @Test
    void onlyAdministratorsDoAndOnlyToWhatIsThere() {
        var ada = user();
        var job = submitted(ada, training(unique("job"), heldQueue(), "true"));
        assertThat(put(ada, job, "{\"priority\": 1000}"))
                .isProblem(403, "forbidden")
                .says("for administrators");
        assertThat(put(admin(), "019ab9c4-5f0e-7d11-a0c3-0a4c9f6f1f11", "{\"priority\": 1}"))
                .isProblem(404, "not-found");
        assertThat(get(ada, "/api/v1/queues/nowhere/line")).isProblem(404, "not-found");
        assertThat(get(ada, "/api/v1/queues/default/line?limit=1001"))
                .isProblem(400, "bad-request")
                .says("give 1 to 1000");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {} | 422 | invalid-settings | priority is missing
            {"priority": 1001} | 422 | invalid-settings | must be a whole number from -1000 to 1000, not 1001
            {"priority": 0.5} | 422 | invalid-settings | must be a whole number from -1000 to 1000, not 0.5
            {"priority": 1, "priorityClass": "prod"} | 422 | invalid-settings | send one of the two
            {"priorityClass": "A b"} | 422 | invalid-settings | priorityClass must be
            {"priorityClass": "nowhere"} | 422 | unknown-priority-class | there is no priority class 'nowhere'
            {"rank": 1} | 400 | bad-request | priority, priorityClass
            """)
    void whatIsWrongIsNamed(String body, int status, String code, String said) {
        var job = submitted(user(), training(unique("job"), heldQueue(), "true"));
        assertThat(put(admin(), job, body)).isProblem(status, code).says(said);
    }
}
