package io.shusuan.api.queue;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import io.shusuan.api.testing.ApiTest;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** Cycles that were kept, for administrators. */
class CyclesTest extends ApiTest {

    @Test
    void theyAreListedAndGivenAsAFile() {
        var ada = user();
        var job = submitted(ada, training(unique("job"), "default", "true"));
        awaitState(ada, job, "SUCCEEDED");
        var list = await().atMost(60, SECONDS)
                .until(
                        () -> get(admin(), "/api/v1/cycles?limit=1"),
                        answer -> answer.json().size() == 1);
        Assertions.assertThat(list.json().get(0).path("bytes").asInt()).isPositive();
        var newest = list.json().get(0).path("id").asLong();
        Assertions.assertThat(
                        get(admin(), "/api/v1/cycles?before=" + newest).json().valueStream())
                .allSatisfy(
                        each -> Assertions.assertThat(each.path("id").asLong()).isLessThan(newest));
        var file = get(admin(), "/api/v1/cycles:recording?from=2026-01-15T08:00:00Z");
        assertThat(file).hasStatus(200);
        Assertions.assertThat(file.header("Content-Type")).contains("application/octet-stream");
        Assertions.assertThat(file.text()).isNotEmpty();
    }

    @Test
    void oneTellsWhatBecameOfEachJobAndWhoWasBeforeWhom() {
        var queue = unique("queue");
        call("PUT", "/api/v1/queues/" + queue)
                .as(admin())
                .json("{\"quotas\": [{\"flavour\": \"default\", \"nominal\": {\"cpus\": 1}}]}")
                .send();
        post(admin(), "/api/v1/queues/" + queue + "/hold");
        var ada = user();
        var firstName = unique("first");
        var secondName = unique("second");
        var first = submitted(ada, training(firstName, queue, "exec sleep 1000"));
        var second = submitted(ada, training(secondName, queue, "exec sleep 1000"));
        post(admin(), "/api/v1/queues/" + queue + "/resume");
        awaitState(ada, first, "RUNNING");
        var cycle = await().atMost(30, SECONDS)
                .until(
                        () -> get(admin(), "/api/v1/cycles?queue=%s&job=%s".formatted(queue, firstName)),
                        answer -> !answer.json().isEmpty())
                .at("/0/id");
        var account = get(admin(), "/api/v1/cycles/" + cycle);
        assertThat(account).hasStatus(200);
        Assertions.assertThat(account.json().has("otherwise")).isFalse();
        var own = get(admin(), "/api/v1/cycles/%s?queue=%s".formatted(cycle, queue));
        Assertions.assertThat(own.at("/lines/0/job/name")).isEqualTo(firstName);
        Assertions.assertThat(own.at("/lines/0/job/outcome")).isEqualTo("ADMITTED");
        Assertions.assertThat(own.at("/lines/1/job/name")).isEqualTo(secondName);
        Assertions.assertThat(own.at("/lines/1/job/outcome")).isEqualTo("WAITS");
        Assertions.assertThat(own.at("/lines/1/job/reason")).isEqualTo("WaitingForQuota");
        Assertions.assertThat(own.at("/lines/1/job/message")).contains("held by");
        Assertions.assertThat(own.json().path("lines").size()).isEqualTo(2);
        Assertions.assertThat(get(admin(), "/api/v1/cycles/%s?limit=1&queue=%s".formatted(cycle, queue))
                        .at("/more"))
                .isEqualTo("1");
        // Of the one that waits only those cycles are listed in which it did.
        Assertions.assertThat(get(admin(), "/api/v1/cycles?job=" + second).text())
                .contains("\"id\":" + cycle);
        Assertions.assertThat(
                        get(admin(), "/api/v1/cycles?job=" + unique("nobody")).json())
                .isEmpty();
        var why = get(admin(), "/api/v1/cycles:why?first=%s&second=%s".formatted(firstName, second));
        Assertions.assertThat(why.at("/cycle")).isEqualTo(cycle);
        Assertions.assertThat(why.at("/order"))
                .startsWith("%s stood before %s: by the time of submission".formatted(firstName, secondName));
        Assertions.assertThat(why.at("/second/standing/position")).isEqualTo("2");
        assertThat(get(admin(), "/api/v1/cycles:why?first=%s&second=%s".formatted(secondName, firstName)))
                .isProblem(404, "not-found")
                .says("ask the other way round");
        for (var id : new String[] {second, first}) {
            post(ada, "/api/v1/jobs/" + id + "/stop");
            awaitState(ada, id, "STOPPED");
        }
    }

    @Test
    void othersAreRefusedAndWhatIsWrongIsTold() {
        assertThat(get(user(), "/api/v1/cycles")).isProblem(403, "forbidden");
        assertThat(get(user(), "/api/v1/cycles:recording")).isProblem(403, "forbidden");
        assertThat(get(user(), "/api/v1/cycles/1")).isProblem(403, "forbidden");
        assertThat(get(user(), "/api/v1/cycles:why?first=a&second=b")).isProblem(403, "forbidden");
        assertThat(get(admin(), "/api/v1/cycles/999999999"))
                .isProblem(404, "not-found")
                .says("cycle 999999999 is not kept");
        assertThat(get(admin(), "/api/v1/cycles?queue=A_b"))
                .isProblem(400, "bad-request")
                .says("'A_b' is no queue name");
        assertThat(get(admin(), "/api/v1/cycles?limit=0"))
                .isProblem(400, "bad-request")
                .says("limit is 0");
        assertThat(get(admin(), "/api/v1/cycles:recording?from=monday"))
                .isProblem(400, "bad-request")
                .says("from is 'monday'");
    }
}
