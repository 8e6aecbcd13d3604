package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that run together. Holding the scheduler until a number of them waits makes every batch the same each time. */
class BatchingTest {
    private static final String LONG_DELAY = "max_queue_delay_microseconds: 60000000";

    @TempDir
    private Path folder;

    private ModelRepository repository;

    @BeforeEach
    void write() {
        repository = new ModelRepository(folder);
    }

    private ModelRepository model(String batching) {
        return repository
                .onnx("m", 1, "identity")
                .config("m", "max_batch_size: 8\ndynamic_batching {" + batching + "}");
    }

    private static RunningAgent holding(ModelRepository repository, int requests, String... flags)
            throws InterruptedException {
        return RunningAgent.serving(
                repository, Map.of("TRITONSERVER_DELAY_SCHEDULER", Integer.toString(requests)), flags);
    }

    private static String sixteen(int rows, int value) {
        var data = String.join(
                ",", IntStream.range(0, rows * 16).mapToObj(_ -> value + ".0").toList());
        return "{\"id\":\"" + value + "\",\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[" + rows
                + ",16],\"datatype\":\"FP32\",\"data\":[" + data + "]}]}";
    }

    private static List<CompletableFuture<HttpResponse<String>>> send(RunningAgent agent, int... rows) {
        var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        var model = agent.agent().models().find("m", 1);
        for (int i = 0; i < rows.length; i++) {
            answers.add(agent.postLater("/v2/models/m/infer", sixteen(rows[i], i + 1)));
            int waiting = i + 1;
            if (waiting < rows.length) {
                await().until(() -> model.pending() == waiting);
            }
        }
        return answers;
    }

    private static void hasOwnAnswers(List<CompletableFuture<HttpResponse<String>>> answers, int... rows) {
        for (int i = 0; i < rows.length; i++) {
            var answer = answers.get(i).join();
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            var data = String.join(",", Collections.nCopies(rows[i] * 16, (i + 1) + ".0"));
            assertThat(answer.body())
                    .contains("\"id\":\"" + (i + 1) + "\"", "\"shape\":[" + rows[i] + ",16],\"data\":[" + data + "]");
        }
    }

    @Test
    void requestsThatWaitRunTogetherAndEachGetsItsOwnAnswer() throws Exception {
        try (var agent = holding(model(""), 4)) {
            var answers = send(agent, 1, 3, 1, 2);
            hasOwnAnswers(answers, 1, 3, 1, 2);
            assertThat(agent.get("/v2/models/m/stats").body())
                    .contains("\"inference_count\":7,\"execution_count\":1", "\"batch_stats\":[{\"batch_size\":7,");
            assertThat(agent.metrics())
                    .contains(
                            "shusuan_batch_departures_total{model=\"m\",version=\"1\",reason=\"no_delay\"} 1\n",
                            "shusuan_batch_size_bucket{model=\"m\",version=\"1\",le=\"4\"} 0\n",
                            "shusuan_batch_size_bucket{model=\"m\",version=\"1\",le=\"8\"} 1\n",
                            "shusuan_batch_size_sum{model=\"m\",version=\"1\"} 7\n",
                            "nv_inference_count{model=\"m\",version=\"1\"} 7\n",
                            "nv_inference_exec_count{model=\"m\",version=\"1\"} 1\n",
                            "nv_inference_request_success{model=\"m\",version=\"1\"} 4\n");
        }
    }

    @Test
    void aPreferredSizeLeavesWithoutWaitingForTheDelay() throws Exception {
        try (var agent = holding(model("preferred_batch_size: [ 2, 4 ] " + LONG_DELAY), 6)) {
            hasOwnAnswers(send(agent, 1, 1, 1, 1, 1, 1), 1, 1, 1, 1, 1, 1);
            assertThat(agent.metrics())
                    .contains("shusuan_batch_departures_total{model=\"m\",version=\"1\",reason=\"preferred\"} 2\n");
            assertThat(agent.get("/v2/models/m/stats").body())
                    .contains("\"execution_count\":2", "{\"batch_size\":2,", "{\"batch_size\":4,");
        }
    }

    @Test
    void aRequestThatWaitsForOthersLeavesWhenTheyCome() throws Exception {
        try (var agent = RunningAgent.serving(model("preferred_batch_size: 3 " + LONG_DELAY))) {
            hasOwnAnswers(send(agent, 1, 1, 1), 1, 1, 1);
            assertThat(agent.metrics())
                    .contains("shusuan_batch_departures_total{model=\"m\",version=\"1\",reason=\"preferred\"} 1\n");
        }
    }

    @Test
    void aBatchNeverExceedsTheLargestSize() throws Exception {
        try (var agent = holding(model(""), 3)) {
            hasOwnAnswers(send(agent, 6, 3, 5), 6, 3, 5);
            assertThat(agent.get("/v2/models/m/stats").body())
                    .contains("\"execution_count\":2", "{\"batch_size\":6,", "{\"batch_size\":8,");
            assertThat(agent.metrics())
                    .contains("shusuan_batch_departures_total{model=\"m\",version=\"1\",reason=\"full\"} 2\n");
        }
    }

    @Test
    void theDelayBoundsTheWait() throws Exception {
        try (var agent = holding(model("max_queue_delay_microseconds: 1000"), 2)) {
            hasOwnAnswers(send(agent, 1, 1), 1, 1);
            assertThat(agent.metrics())
                    .contains("shusuan_batch_departures_total{model=\"m\",version=\"1\",reason=\"delay\"} 1\n");
        }
    }

    @Test
    void aModelThatDoesNotBatchTakesOneAtATime() throws Exception {
        repository.onnx("m", 1, "identity").config("m", "max_batch_size: 8");
        try (var agent = holding(repository, 3)) {
            hasOwnAnswers(send(agent, 1, 1, 1), 1, 1, 1);
            assertThat(agent.get("/v2/models/m/stats").body())
                    .contains("\"inference_count\":3,\"execution_count\":3", "\"batch_stats\":[{\"batch_size\":1,");
            assertThat(agent.metrics())
                    .contains("shusuan_batch_departures_total{model=\"m\",version=\"1\",reason=\"single\"} 3\n");
        }
    }

    @Test
    void requestsOfDifferentShapesGoApart() throws Exception {
        repository.identity("m", """
                backend: "identity"
                max_batch_size: 8
                dynamic_batching {}
                input { name: "IN" data_type: TYPE_STRING dims: -1 }
                output { name: "OUT" data_type: TYPE_STRING dims: -1 }
                """);
        try (var agent = holding(repository, 3)) {
            var model = agent.agent().models().find("m", 1);
            var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
            for (var words : List.of("\"a\",\"bcd\"", "\"\",\"数算\"", "\"x\",\"y\",\"z\"")) {
                int count = words.split(",", -1).length;
                int waiting = model.pending() + 1;
                answers.add(agent.postLater(
                        "/v2/models/m/infer",
                        "{\"inputs\":[{\"name\":\"IN\",\"shape\":[1," + count + "],\"datatype\":\"BYTES\",\"data\":["
                                + words + "]}]}"));
                await().until(() -> waiting == 3 || model.pending() == waiting);
            }
            assertThat(answers.get(0).join().body()).contains("\"shape\":[1,2],\"data\":[\"a\",\"bcd\"]");
            assertThat(answers.get(1).join().body()).contains("\"shape\":[1,2],\"data\":[\"\",\"数算\"]");
            assertThat(answers.get(2).join().body()).contains("\"shape\":[1,3],\"data\":[\"x\",\"y\",\"z\"]");
            assertThat(agent.metrics())
                    .contains("shusuan_batch_departures_total{model=\"m\",version=\"1\",reason=\"shape\"} 1\n");
        }
    }

    @Test
    void whatWaitsIsServedWhenTheServerEnds() throws Exception {
        try (var agent = holding(model(LONG_DELAY), 100)) {
            var answers = send(agent, 1, 1, 1);
            await().until(() -> agent.agent().models().find("m", 1).pending() == 3);
            agent.agent().close();
            hasOwnAnswers(answers, 1, 1, 1);
        }
    }

    @Test
    void aCallerWhoGoesAwayLeavesTheQueue() throws Exception {
        try (var agent = holding(model(""), 3)) {
            var model = agent.agent().models().find("m", 1);
            var answers = send(agent, 1, 1);
            await().until(() -> model.pending() == 2);
            answers.get(0).cancel(true);
            await().until(() -> model.pending() == 1);
            assertThat(agent.metrics())
                    .contains("nv_inference_request_failure{model=\"m\",reason=\"CANCELED\",version=\"1\"} 1\n");
            agent.agent().close();
            assertThat(answers.get(1).join().statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aFullQueueRefusesByNumberAndByMemory() throws Exception {
        try (var agent = holding(model("default_queue_policy { max_queue_size: 2 }"), 100)) {
            var answers = send(agent, 1, 1);
            await().until(() -> agent.agent().models().find("m", 1).pending() == 2);
            var refused = agent.post("/v2/models/m/infer", sixteen(1, 3));
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).contains("Exceeds maximum queue size of m:1: 2 requests are waiting");
            agent.agent().close();
            hasOwnAnswers(answers, 1, 1);
        }
    }

    @Test
    void aRequestThatWaitsTooLongIsRefusedAlthoughNobodyTakesIt() throws Exception {
        try (var agent = holding(model("default_queue_policy { default_timeout_microseconds: 1000 }"), 100)) {
            var refused = agent.post("/v2/models/m/infer", sixteen(1, 1));
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).contains("Request timeout expired");
            assertThat(agent.agent().models().find("m", 1).pending()).isZero();
            assertThat(agent.metrics())
                    .contains("nv_inference_request_failure{model=\"m\",reason=\"REJECTED\",version=\"1\"} 1\n");
        }
    }

    @Test
    void aCallerMayShortenItsOwnTimeWhereThePolicyLetsIt() throws Exception {
        var impatient = sixteen(1, 1).replaceFirst("\\{", "{\"parameters\":{\"timeout\":1000},");
        try (var agent = holding(model("default_queue_policy { allow_timeout_override: true }"), 100)) {
            assertThat(agent.post("/v2/models/m/infer", impatient).body()).contains("Request timeout expired");
            var patient = agent.postLater("/v2/models/m/infer", sixteen(1, 2));
            await().until(() -> agent.agent().models().find("m", 1).pending() == 1);
            agent.agent().close();
            assertThat(patient.join().statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aLateRequestMayWaitBehindTheOthers() throws Exception {
        try (var agent =
                holding(model("default_queue_policy { timeout_action: DELAY default_timeout_microseconds: 1 }"), 3)) {
            hasOwnAnswers(send(agent, 1, 2, 3), 1, 2, 3);
        }
    }

    @Test
    void prioritiesDecideWhoGoesTogether() throws Exception {
        var batching =
                "priority_levels: 2 default_priority_level: 2 priority_queue_policy { key: 1 value { max_queue_size: 1 } }";
        var urgent = sixteen(7, 2).replaceFirst("\\{", "{\"parameters\":{\"priority\":1},");
        try (var agent = holding(model(batching), 3)) {
            var model = agent.agent().models().find("m", 1);
            var first = agent.postLater("/v2/models/m/infer", sixteen(2, 1));
            await().until(() -> model.pending() == 1);
            var second = agent.postLater("/v2/models/m/infer", urgent);
            await().until(() -> model.pending() == 2);
            assertThat(agent.post("/v2/models/m/infer", urgent).statusCode()).isEqualTo(503);
            assertThat(agent.post("/v2/models/m/infer", urgent.replace("\"priority\":1", "\"priority\":3"))
                            .body())
                    .contains("priority 3 is not one of the 2 levels of model 'm'");
            var third = agent.postLater("/v2/models/m/infer", sixteen(6, 3));
            for (var answer : List.of(first, second, third)) {
                assertThat(answer.join().statusCode()).isEqualTo(200);
            }
            // in the order they came the batches were 2, 7 and 6; the urgent one goes alone and the others fit together
            assertThat(agent.get("/v2/models/m/stats").body())
                    .contains("\"execution_count\":2", "{\"batch_size\":7,", "{\"batch_size\":8,");
        }
    }

    @Test
    void answersKeepTheirOrderWhereTheModelAsksForIt() throws Exception {
        repository.onnx("m", 1, "identity").config("m", """
                max_batch_size: 8
                instance_group { count: 3 }
                dynamic_batching { preserve_ordering: true }
                """);
        try (var agent = holding(repository, 5)) {
            hasOwnAnswers(send(agent, 5, 6, 7, 8, 4), 5, 6, 7, 8, 4);
        }
    }
}
