package io.shusuan.api.queue;

import static io.shusuan.api.testing.AnswerAssert.assertThat;

import io.shusuan.api.testing.Answer;
import io.shusuan.api.testing.ApiTest;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** Priorities with names. */
class PriorityClassesTest extends ApiTest {

    private Answer put(String name, String json) {
        return call("PUT", "/api/v1/priority-classes/" + name)
                .as(admin())
                .json(json)
                .send();
    }

    private Answer delete(String name) {
        return call("DELETE", "/api/v1/priority-classes/" + name).as(admin()).send();
    }

    @Test
    void aClassIsMadeUsedChangedAndRemoved() {
        var name = unique("class");
        var queue = heldQueue();
        var ada = user();
        var made = put(name, "{\"value\": 7, \"description\": \"for customers\"}");
        assertThat(made).hasStatus(200);
        Assertions.assertThat(made.text())
                .isEqualTo("{\"name\":\"%s\",\"value\":7,\"description\":\"for customers\",\"waiting\":0,\"holding\":0}"
                        .formatted(name));
        var job = submitted(ada, training(unique("job"), queue, "true") + "priorityClass: " + name + "\n");
        Assertions.assertThat(get(ada, "/api/v1/jobs/" + job).at("/priority")).isEqualTo("7");
        Assertions.assertThat(get(ada, "/api/v1/jobs/" + job).at("/priorityClass"))
                .isEqualTo(name);

        Assertions.assertThat(put(name, "{\"value\": -8}").at("/waiting")).isEqualTo("1");

        Assertions.assertThat(get(ada, "/api/v1/jobs/" + job).at("/priority")).isEqualTo("-8");
        Assertions.assertThat(get(ada, "/api/v1/priority-classes").text())
                .contains("\"name\":\"" + name + "\",\"value\":-8");
        assertThat(delete(name)).isProblem(409, "still-used").says("1 job(s) that wait and 0 that have resources");
        post(ada, "/api/v1/jobs/" + job + "/stop");
        awaitState(ada, job, "STOPPED");
        assertThat(delete(name)).hasStatus(204);
        assertThat(delete(name)).isProblem(404, "not-found");
    }

    @Test
    void whatIsWrongIsTold() {
        var name = unique("class");
        assertThat(put(name, "{}")).isProblem(422, "invalid-settings").says("value is missing", "from -1000 to 1000");
        assertThat(put(name, "{\"value\": 1000.5}"))
                .isProblem(422, "invalid-settings")
                .says("not 1000.5");
        assertThat(put(name, "{\"value\": 1001}"))
                .isProblem(422, "invalid-settings")
                .says("not 1001");
        assertThat(put(name, "{\"worth\": 1}")).isProblem(400, "bad-request").says("description, value");
        assertThat(put("A_b", "{\"value\": 1}"))
                .isProblem(422, "invalid-settings")
                .says("not 'A_b'");
        assertThat(put(name, "{\"value\": 1, \"description\": \"%s\"}".formatted("x".repeat(201))))
                .isProblem(422, "invalid-settings")
                .says("at most 200 characters");
    }

    @Test
    void onlyAdministratorsChangeThem() {
        var path = "/api/v1/priority-classes/" + unique("class");
        assertThat(call("PUT", path).as(user()).json("{\"value\": 1}").send()).isProblem(403, "forbidden");
        assertThat(call("DELETE", path).as(user()).send()).isProblem(403, "forbidden");
    }
}
