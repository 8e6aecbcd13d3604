package io.shusuan.api.observation;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shusuan.api.testing.ApiTest;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetersTest extends ApiTest {

    private double value(String token, String name, String... labels) {
        return get(token, "/actuator/prometheus")
                .text()
                .lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .filter(line -> List.of(labels).stream().allMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void countsJobsByStateKindAndQueue() {
        var admin = admin();
        var queue = heldQueue();
        submitted(admin, training(unique("counted"), queue, "true"));
        var stopped = submitted(admin, training(unique("counted"), queue, "true"));
        await().until(() -> value(admin, "shusuan_jobs", queue, "QUEUED", "TRAINING") == 2);

        post(admin, "/api/v1/jobs/" + stopped + "/stop");

        await().until(() -> value(admin, "shusuan_jobs", queue, "QUEUED", "TRAINING") == 1);
        assertThat(value(admin, "shusuan_submissions_total", queue, "TRAINING")).isEqualTo(2);
    }

    @Test
    void countsRefusalsByReason() {
        var admin = admin();
        var before = value(admin, "shusuan_refusals_total", "invalid-spec");

        assertThat(submit(admin, "jobName: x")).isProblem(422, "invalid-spec");

        assertThat(value(admin, "shusuan_refusals_total", "invalid-spec")).isEqualTo(before + 1);
    }

    @Test
    void saysOfEachFigureWhatItIs() {
        var admin = admin();
        submitted(admin, training(unique("told"), heldQueue(), "true"));
        submit(admin, "");
        await().until(() -> value(admin, "shusuan_jobs") > 0);

        var told = get(admin, "/actuator/prometheus").text();
        for (var figure : List.of(
                "shusuan_jobs",
                "shusuan_submissions_total",
                "shusuan_refusals_total",
                "shusuan_jobs_waiting_seconds",
                "shusuan_reconcile_seconds",
                "shusuan_cluster_calls_seconds")) {
            assertThat(told).containsPattern("# HELP " + figure + " \\w");
        }
    }

    @Test
    void takesTheTimeOfWaitingReconcilingAndTheCluster() {
        var admin = admin();
        var waited = value(admin, "shusuan_jobs_waiting_seconds_count");

        awaitState(admin, submitted(admin, training(unique("timed"), "default", "true")), "SUCCEEDED");

        await().until(() -> value(admin, "shusuan_jobs_waiting_seconds_count") >= waited + 1);
        assertThat(value(admin, "shusuan_reconcile_seconds_count")).isPositive();
        for (var call : List.of("capacity", "apply", "observe")) {
            assertThat(value(admin, "shusuan_cluster_calls_seconds_count", call, "ok"))
                    .as(call)
                    .isPositive();
        }
    }
}
