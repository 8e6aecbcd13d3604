package io.shusuan.api.job;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shusuan.api.testing.AnswerAssert;
import io.shusuan.api.testing.ApiTest;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** When a waiting job will start. */
class EstimateTest extends ApiTest {

    @Test
    void aJobThatWaitsIsToldWhenItIsExpectedToStart() {
        var queue = unique("queue");
        var ada = user();
        call("PUT", "/api/v1/queues/" + queue)
                .as(admin())
                .json("{\"quotas\": [{\"flavour\": \"default\", \"nominal\": {\"cpus\": 1}}]}")
                .send();
        var first = submitted(ada, training(unique("first"), queue, "sleep 1000") + "timeLimit: 30m\n");
        var limit = Instant.now().plus(Duration.ofMinutes(31));
        awaitState(ada, first, "RUNNING");
        var asked = call("POST", "/api/v1/jobs:check")
                .as(ada)
                .body("application/yaml", training(unique("asked"), queue, "true"))
                .send();
        assertThat(asked.at("/position")).isEqualTo("1");
        assertThat(Instant.parse(asked.at("/estimatedStart/earliest"))).isBefore(limit);
        assertThat(asked.at("/estimatedStart/pastEstimates")).isEqualTo("0");
        var second = submitted(ada, training(unique("second"), queue, "true"));

        var told = await().atMost(60, SECONDS)
                .until(
                        () -> get(ada, "/api/v1/jobs/" + second),
                        answer -> !answer.json().path("estimatedStart").isMissingNode());
        assertThat(Instant.parse(told.at("/estimatedStart/earliest"))).isBefore(limit);
        assertThat(Instant.parse(told.at("/estimatedStart/latest"))).isBefore(limit);
        assertThat(told.at("/estimatedStart/pastEstimates")).isEqualTo("0");
        AnswerAssert.assertThat(post(ada, "/api/v1/jobs/" + first + "/stop")).hasStatus(202);
        awaitState(ada, second, "SUCCEEDED");
        assertThat(get(ada, "/api/v1/jobs/" + second)
                        .json()
                        .path("estimatedStart")
                        .isMissingNode())
                .isTrue();
    }
}
