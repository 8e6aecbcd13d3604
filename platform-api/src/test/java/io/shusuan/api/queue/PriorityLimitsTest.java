package io.shusuan.api.queue;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.awaitility.Awaitility.await;

import io.shusuan.api.testing.Answer;
import io.shusuan.api.testing.ApiTest;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Queues that do not take any priority. */
class PriorityLimitsTest extends ApiTest {

    private Answer put(String path, String json) {
        return call("PUT", "/api/v1/" + path).as(admin()).json(json).send();
    }

    private String madeClass(int value) {
        var name = unique("class");
        assertThat(put("priority-classes/" + name, "{\"value\": %d}".formatted(value)))
                .hasStatus(200);
        return name;
    }

    private Answer check(String text) {
        return call("POST", "/api/v1/jobs:check")
                .as(user())
                .body("application/yaml", text)
                .send();
    }

    @Test
    void whatAQueueDoesNotTakeIsRefusedWhereItIsAskedForWithWhatItTakes() {
        var batch = madeClass(5);
        var prod = madeClass(100);
        var queue = unique("queue");
        assertThat(put(
                        "queues/" + queue,
                        "{\"priorities\": {\"classes\": [\"%s\"], \"highest\": 50}}".formatted(batch)))
                .hasStatus(200);
        var job = training(unique("job"), queue, "true");
        for (var text : new String[] {job, job + "priority: 0\n", job + "priority: -3\n"}) {
            assertThat(check(text)).hasStatus(200);
        }
        var ofProd = job + "priorityClass: " + prod + "\n";
        for (var answer : new Answer[] {check(ofProd), submit(user(), ofProd)}) {
            assertThat(answer)
                    .isProblem(422, "invalid-spec")
                    .says("queue %s takes no jobs of priority class %s, only of %s".formatted(queue, prod, batch));
            Assertions.assertThat(answer.at("/errors/0/path")).isEqualTo("priorityClass");
            Assertions.assertThat(answer.at("/errors/0/allowed")).isEqualTo(batch);
        }
        var number = submit(user(), job + "priority: 7\n");
        assertThat(number)
                .isProblem(422, "invalid-spec")
                .says("takes priorities above 0 only by a priority class of %s, not the number 7".formatted(batch));
        Assertions.assertThat(number.at("/errors/0/path")).isEqualTo("priority");
        put("queues/" + queue, "{\"priorities\": {\"highest\": 50}}");
        assertThat(submit(user(), ofProd))
                .isProblem(422, "invalid-spec")
                .says("queue %s takes priorities up to 50, not 100 as priority class %s is worth"
                        .formatted(queue, prod));
        put("queues/" + queue, "{\"priorities\": {\"highest\": -1}}");
        var silent = check(job);
        assertThat(silent).isProblem(422, "invalid-spec").says("takes priorities up to -1, not 0");
        Assertions.assertThat(silent.at("/errors/0/path")).isEqualTo("queue");
    }

    @Test
    void jobsThatWaitAreNotStrandedByTheWay() {
        var prod = madeClass(100);
        var queue = heldQueue();
        var ada = user();
        var id = submitted(ada, training(unique("job"), queue, "true") + "priorityClass: " + prod + "\n");
        var narrow = "{\"priorities\": {\"highest\": 10}}";
        var preview = call("POST", "/api/v1/queues/" + queue + ":preview")
                .as(admin())
                .json(narrow)
                .send();
        Assertions.assertThat(preview.at("/stranded/0"))
                .startsWith("1 job(s) that wait in queue %s would wait for ever".formatted(queue));
        assertThat(put("queues/" + queue, narrow))
                .isProblem(409, "would-strand")
                .says("1 job(s) that wait in queue " + queue, "confirm=true");
        post(admin(), "/api/v1/queues/" + queue + "/resume");
        put("queues/" + queue, narrow.replace("10", "200"));
        awaitState(ada, id, "SUCCEEDED");
    }

    @Test
    void whoIsStrandedNeverthelessWaitsAndSaysWhyUntilItIsTakenAgain() {
        var queue = heldQueue();
        var ada = user();
        var id = submitted(ada, training(unique("job"), queue, "true") + "priority: 20\n");
        var narrow = "{\"priorities\": {\"highest\": 10}}";
        assertThat(put("queues/" + queue + "?confirm=true", narrow)).hasStatus(200);
        post(admin(), "/api/v1/queues/" + queue + "/resume");
        await().untilAsserted(() -> Assertions.assertThat(
                        get(ada, "/api/v1/jobs/" + id).at("/reason"))
                .isEqualTo("PriorityNotTaken"));
        Assertions.assertThat(get(ada, "/api/v1/jobs/" + id).at("/message"))
                .isEqualTo(
                        "queue %s takes priorities up to 10, not 20; submit it anew with another priority, or have an administrator change that"
                                .formatted(queue));
        var wide = call("POST", "/api/v1/queues/" + queue + ":preview")
                .as(admin())
                .json("{}")
                .send();
        Assertions.assertThat(wide.at("/effects/0/before")).isEqualTo("NEVER");
        Assertions.assertThat(wide.at("/effects/0/after")).isEqualTo("RUNS");
        assertThat(put("queues/" + queue, "{}")).hasStatus(200);
        awaitState(ada, id, "SUCCEEDED");
    }

    @Test
    void aClassThatAQueueTakesIsNotRemoved() {
        var prod = madeClass(1);
        var queue = unique("queue");
        put("queues/" + queue, "{\"priorities\": {\"classes\": [\"%s\"]}}".formatted(prod));
        assertThat(call("DELETE", "/api/v1/priority-classes/" + prod)
                        .as(admin())
                        .send())
                .isProblem(409, "still-used")
                .says("queue(s) %s take jobs of priority class %s".formatted(queue, prod));
        var history = get(user(), "/api/v1/queues/" + queue + "/history");
        Assertions.assertThat(history.text()).contains("\"first\":true");
        put("queues/" + queue, "{}");
        Assertions.assertThat(
                        get(user(), "/api/v1/queues/" + queue + "/history").at("/0/changes/0/setting"))
                .isEqualTo("priorities.classes");
        assertThat(call("DELETE", "/api/v1/priority-classes/" + prod)
                        .as(admin())
                        .send())
                .hasStatus(204);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"highest": 1001} | 422 | invalid-settings | priorities.highest must be a whole number from -1000 to 1000, not 1001
            {"highest": 0.5} | 422 | invalid-settings | priorities.highest must be a whole number from -1000 to 1000, not 0.5
            {"classes": []} | 422 | invalid-settings | priorities.classes is empty
            {"classes": ["A b"]} | 422 | invalid-settings | priorities.classes[0] must be
            {"classes": ["nowhere"]} | 422 | unknown-priority-class | there is no priority class 'nowhere'
            {"lowest": 1} | 400 | bad-request | classes, highest
            """)
    void whatIsWrongIsNamed(String priorities, int status, String code, String said) {
        assertThat(put("queues/" + unique("queue"), "{\"priorities\": %s}".formatted(priorities)))
                .isProblem(status, code)
                .says(said);
    }
}
