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
    void othersAreRefusedAndWhatIsWrongIsTold() {
        assertThat(get(user(), "/api/v1/cycles")).isProblem(403, "forbidden");
        assertThat(get(user(), "/api/v1/cycles:recording")).isProblem(403, "forbidden");
        assertThat(get(admin(), "/api/v1/cycles?limit=0"))
                .isProblem(400, "bad-request")
                .says("limit is 0");
        assertThat(get(admin(), "/api/v1/cycles:recording?from=monday"))
                .isProblem(400, "bad-request")
                .says("from is 'monday'");
    }
}
