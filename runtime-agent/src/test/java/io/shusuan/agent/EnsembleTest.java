package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models made of models. */
class EnsembleTest {
    /** (a + b) and (a − b), then their sum and difference: 2a and 2b. */
    private static final String TWICE = """
            platform: "ensemble"
            max_batch_size: 4
            input { name: "LEFT" data_type: TYPE_INT32 dims: 4 }
            input { name: "RIGHT" data_type: TYPE_INT32 dims: 4 }
            output { name: "TWICE_LEFT" data_type: TYPE_INT32 dims: 4 }
            output { name: "TWICE_RIGHT" data_type: TYPE_INT32 dims: 4 }
            ensemble_scheduling {
              step {
                model_name: "second" model_version: -1
                input_map { key: "A" value: "sum" }
                input_map { key: "B" value: "difference" }
                output_map { key: "SUM" value: "TWICE_LEFT" }
                output_map { key: "DIFFERENCE" value: "TWICE_RIGHT" }
              }
              step {
                model_name: "first" model_version: -1
                input_map { key: "A" value: "LEFT" }
                input_map { key: "B" value: "RIGHT" }
                output_map { key: "SUM" value: "sum" }
                output_map { key: "DIFFERENCE" value: "difference" }
              }
            }
            """;

    private static final String ASK = "{\"id\":\"7\",\"inputs\":["
            + "{\"name\":\"LEFT\",\"shape\":[1,4],\"datatype\":\"INT32\",\"data\":[1,2,3,4]},"
            + "{\"name\":\"RIGHT\",\"shape\":[1,4],\"datatype\":\"INT32\",\"data\":[5,6,7,8]}]}";

    @TempDir
    private Path folder;

    private ModelRepository repository;

    @BeforeEach
    void write() {
        repository = new ModelRepository(folder)
                .onnx("first", 1, "add_sub")
                .onnx("second", 1, "add_sub")
                .identity("twice", TWICE);
    }

    private String refusal(String config) throws Exception {
        repository.identity("twice", config);
        try (var agent = RunningAgent.serving(repository, "--exit-on-error=false")) {
            assertThat(agent.post("/v2/models/twice/infer", ASK).statusCode()).isEqualTo(503);
            return agent.post("/v2/repository/index", "").body();
        }
    }

    @Test
    void answersWithWhatItsStepsMakeOfTheInputs() throws Exception {
        try (var agent = RunningAgent.serving(repository)) {
            var answer = agent.post("/v2/models/twice/infer", ASK);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.body())
                    .isEqualTo(
                            "{\"id\":\"7\",\"model_name\":\"twice\",\"model_version\":\"1\",\"outputs\":["
                                    + "{\"name\":\"TWICE_LEFT\",\"datatype\":\"INT32\",\"shape\":[1,4],\"data\":[2,4,6,8]},"
                                    + "{\"name\":\"TWICE_RIGHT\",\"datatype\":\"INT32\",\"shape\":[1,4],\"data\":[10,12,14,16]}]}");
            assertThat(agent.get("/v2/models/twice").body())
                    .contains(
                            "\"platform\":\"ensemble\"", "{\"name\":\"LEFT\",\"datatype\":\"INT32\",\"shape\":[-1,4]}");
            assertThat(agent.get("/v2/models/twice/config").body()).contains("\"max_inflight_requests\":0");
        }
    }

    @Test
    void countsForItselfAndForEachMember() throws Exception {
        try (var agent = RunningAgent.serving(repository)) {
            for (int i = 0; i < 3; i++) {
                assertThat(agent.post("/v2/models/twice/infer", ASK).statusCode())
                        .isEqualTo(200);
            }
            for (var model : List.of("twice", "first", "second")) {
                assertThat(agent.get("/v2/models/" + model + "/stats").body())
                        .contains(
                                "\"inference_count\":3,\"execution_count\":3",
                                "\"success\":{\"count\":3,",
                                "\"queue\":{\"count\":3,",
                                "\"batch_stats\":[{\"batch_size\":1,\"compute_input\":{\"count\":3,");
            }
            assertThat(agent.metrics())
                    .contains(
                            "nv_inference_count{model=\"twice\",version=\"1\"} 3\n",
                            "nv_inference_count{model=\"first\",version=\"1\"} 3\n",
                            "nv_inference_pending_request_count{model=\"first\",version=\"1\"} 0\n");
        }
    }

    @Test
    void runsOnlyTheStepsThatLeadToWhatIsAskedFor() throws Exception {
        repository.identity("pair", """
                platform: "ensemble"
                max_batch_size: 4
                input { name: "A" data_type: TYPE_INT32 dims: 4 }
                output { name: "X" data_type: TYPE_INT32 dims: 4 }
                output { name: "Y" data_type: TYPE_INT32 dims: 4 }
                ensemble_scheduling {
                  step {
                    model_name: "first"
                    input_map [ { key: "A" value: "A" }, { key: "B" value: "A" } ]
                    output_map { key: "SUM" value: "X" }
                  }
                  step {
                    model_name: "second"
                    input_map [ { key: "A" value: "A" }, { key: "B" value: "A" } ]
                    output_map { key: "DIFFERENCE" value: "Y" }
                  }
                }
                """);
        try (var agent = RunningAgent.serving(repository)) {
            var answer = agent.post(
                    "/v2/models/pair/infer",
                    "{\"inputs\":[{\"name\":\"A\",\"shape\":[1,4],\"datatype\":\"INT32\",\"data\":[1,2,3,4]}],"
                            + "\"outputs\":[{\"name\":\"Y\"}]}");
            assertThat(answer.body()).contains("\"outputs\":[{\"name\":\"Y\",").contains("[0,0,0,0]");
            assertThat(agent.get("/v2/models/first/stats").body()).contains("\"inference_count\":0");
            assertThat(agent.get("/v2/models/second/stats").body()).contains("\"inference_count\":1");
        }
    }

    /** The first step holds its requests until two are there: they can only be two requests of callers. */
    @Test
    void requestsOverlapAndShareTheirMembersBatches() throws Exception {
        var batching = "max_batch_size: 8 dynamic_batching {}";
        repository.config("first", batching).config("second", batching);
        try (var agent = RunningAgent.serving(repository, Map.of("TRITONSERVER_DELAY_SCHEDULER", "2"))) {
            var first = agent.postLater("/v2/models/twice/infer", ASK);
            await().until(() -> agent.agent().models().find("first", 1).pending() == 1);
            var second = agent.postLater("/v2/models/twice/infer", ASK);
            assertThat(first.join().body()).contains("[2,4,6,8]");
            assertThat(second.join().body()).contains("[2,4,6,8]");
            assertThat(agent.get("/v2/models/second/stats").body())
                    .contains("\"inference_count\":2,\"execution_count\":1");
        }
    }

    /** One member that holds its requests until two are there is called twice by one request: both calls must be under way at once. */
    @Test
    void stepsThatDoNotNeedEachOtherRunAtTheSameTime() throws Exception {
        repository.config("first", "max_batch_size: 8 dynamic_batching {}").identity("both", """
                platform: "ensemble"
                max_batch_size: 4
                input { name: "A" data_type: TYPE_INT32 dims: 4 }
                output { name: "X" data_type: TYPE_INT32 dims: 4 }
                output { name: "Y" data_type: TYPE_INT32 dims: 4 }
                ensemble_scheduling {
                  step {
                    model_name: "first"
                    input_map [ { key: "A" value: "A" }, { key: "B" value: "A" } ]
                    output_map { key: "SUM" value: "X" }
                  }
                  step {
                    model_name: "first"
                    input_map [ { key: "A" value: "A" }, { key: "B" value: "A" } ]
                    output_map { key: "DIFFERENCE" value: "Y" }
                  }
                }
                """);
        try (var agent = RunningAgent.serving(repository, Map.of("TRITONSERVER_DELAY_SCHEDULER", "2"))) {
            assertThat(agent.post(
                                    "/v2/models/both/infer",
                                    "{\"inputs\":[{\"name\":\"A\",\"shape\":[1,4],\"datatype\":\"INT32\",\"data\":[1,2,3,4]}]}")
                            .body())
                    .contains("[2,4,6,8]", "[0,0,0,0]");
            assertThat(agent.get("/v2/models/first/stats").body())
                    .contains("\"inference_count\":2,\"execution_count\":1");
        }
    }

    @Test
    void saysWhichStepFailed() throws Exception {
        repository.onnx("pick", 1, "fails_sometimes").identity("picking", """
                platform: "ensemble"
                input { name: "WHERE" data_type: TYPE_INT64 dims: -1 }
                output { name: "WHAT" data_type: TYPE_FP32 dims: -1 }
                ensemble_scheduling {
                  step {
                    model_name: "pick"
                    input_map { key: "INDEX" value: "WHERE" }
                    output_map { key: "VALUE" value: "WHAT" }
                  }
                }
                """);
        try (var agent = RunningAgent.serving(repository)) {
            var right = "{\"inputs\":[{\"name\":\"WHERE\",\"shape\":[1],\"datatype\":\"INT64\",\"data\":[3]}]}";
            assertThat(agent.post("/v2/models/picking/infer", right).body()).contains("[3.0]");
            var wrong = agent.post("/v2/models/picking/infer", right.replace("[3]", "[9]"));
            assertThat(wrong.body()).contains("[request id: <id_unknown>] in ensemble 'picking', onnx runtime error");
            assertThat(wrong.statusCode()).isGreaterThanOrEqualTo(400);
            assertThat(agent.get("/v2/models/picking/stats").body()).contains("\"fail\":{\"count\":1,");
            assertThat(agent.post("/v2/models/picking/infer", right).body()).contains("[3.0]");
        }
    }

    @Test
    void aCallerWhoLeavesStopsTheSteps() throws Exception {
        repository.config("first", "max_batch_size: 8 dynamic_batching {}");
        try (var agent = RunningAgent.serving(repository, Map.of("TRITONSERVER_DELAY_SCHEDULER", "9"))) {
            var first = agent.agent().models().find("first", 1);
            var asked = new ArrayList<CompletableFuture<?>>();
            for (int i = 0; i < 3; i++) {
                asked.add(agent.postLater("/v2/models/twice/infer", ASK));
            }
            await().until(() -> first.pending() == 3);
            asked.forEach(each -> each.cancel(true));
            await().until(() -> agent.get("/v2/models/twice/stats").body().contains("\"fail\":{\"count\":3,"));
            assertThat(first.pending()).isZero();
            assertThat(agent.metrics())
                    .contains("nv_inference_request_failure{model=\"twice\",reason=\"CANCELED\",version=\"1\"} 3\n");
        }
    }

    @Test
    void aStepHasWhatIsLeftOfTheCallersTime() throws Exception {
        repository.config("first", """
                max_batch_size: 8
                dynamic_batching { default_queue_policy { allow_timeout_override: true } }
                """);
        try (var agent = RunningAgent.serving(repository, Map.of("TRITONSERVER_DELAY_SCHEDULER", "9"))) {
            var late = agent.post(
                    "/v2/models/twice/infer",
                    ASK.replace("\"id\":\"7\"", "\"id\":\"7\",\"parameters\":{\"timeout\":1000}"));
            assertThat(late.statusCode()).isEqualTo(503);
            assertThat(late.body()).contains("[request id: 7] in ensemble 'twice', Request timeout expired");
        }
    }

    @Test
    void noMoreAreOnTheirWayThanMayWait() throws Exception {
        repository.config("first", "max_batch_size: 8 dynamic_batching {}");
        try (var agent = RunningAgent.serving(
                repository, Map.of("TRITONSERVER_DELAY_SCHEDULER", "9"), "--max-queue-requests=2")) {
            var one = agent.postLater("/v2/models/twice/infer", ASK);
            var two = agent.postLater("/v2/models/twice/infer", ASK);
            await().until(() -> agent.agent().models().find("first", 1).pending() == 2);
            var third = agent.post("/v2/models/twice/infer", ASK);
            assertThat(third.statusCode()).isEqualTo(503);
            assertThat(third.body()).contains("2 requests are on their way through the ensemble");
            agent.agent().models().hurry();
            assertThat(List.of(one.join().statusCode(), two.join().statusCode()))
                    .containsOnly(200);
        }
    }

    @Test
    void refusesWhatDoesNotFitTogetherWithFileLineAndField() throws Exception {
        assertThat(refusal(TWICE.replace("value: \"sum\" }\n    input_map", "value: \"total\" }\n    input_map")))
                .contains(
                        "twice/config.pbtxt:10:5: ensemble_scheduling.step[0].input_map gives 'A' the ensemble tensor 'total'");
        assertThat(refusal(TWICE.replace("value: \"LEFT\"", "value: \"TWICE_LEFT\"")))
                .contains(
                        "ensemble input 'LEFT' for ensemble 'twice' is not used",
                        "waits for itself: the steps [second, first]");
        assertThat(refusal(TWICE.replace("key: \"A\" value: \"LEFT\"", "key: \"C\" value: \"LEFT\"")))
                .contains(
                        "ensemble tensor LEFT is mapping to non-existing input C in model first, which has [A, B]",
                        "input A in model first is not mapped to any ensemble tensors");
        assertThat(refusal(TWICE.replaceFirst("dims: 4", "dims: 5")))
                .contains(
                        "ensemble tensor LEFT: inconsistent shape: [-1,5] from the ensemble's input, [-1,4] for input A of first");
        assertThat(refusal(TWICE.replaceFirst("TYPE_INT32", "TYPE_FP32")))
                .contains(
                        "config.pbtxt:17:5",
                        "ensemble tensor LEFT: inconsistent data type: FP32 from the ensemble's input");
        assertThat(refusal(TWICE.replace("max_batch_size: 4", "max_batch_size: 64")))
                .contains("it contains model first which only allows maximum batch size to be 4");
        assertThat(refusal(TWICE.replace("model_name: \"first\"", "model_name: \"third\"")))
                .contains("ensemble 'twice' depends on 'third' which has no loaded version");
        assertThat(refusal(TWICE.replace(
                        "model_name: \"first\" model_version: -1", "model_name: \"first\" model_version: 9")))
                .contains("depends on 'first' whose required version 9 is not loaded");
        assertThat(refusal(TWICE + "instance_group { count: 2 }")).contains("instance_group is given for an ensemble");
        for (var backend : List.of("onnxruntime", "tensorrt")) {
            assertThat(refusal(TWICE + "backend: \"" + backend + "\""))
                    .contains("backend is given for an ensemble, which has none: leave it out")
                    .doesNotContain("leave platform out");
        }
    }

    @Test
    void refusesAnEnsembleThatCallsItself() throws Exception {
        repository.identity("other", TWICE.replace("\"second\"", "\"twice\"").replace("key: \"A\"", "key: \"LEFT\""));
        assertThat(refusal(TWICE.replace("\"second\"", "\"other\"")))
                .contains("circular dependency between ensembles: other -> twice -> other");
        repository.remove("other");
        assertThat(refusal(TWICE.replace("\"second\"", "\"twice\"")))
                .contains("circular dependency between ensembles: twice -> twice");
    }

    @Test
    void refusesADecoupledMemberWhereOneAnswerIsPromised() throws Exception {
        repository.remove("second").identity("second", """
                backend: "square"
                model_transaction_policy { decoupled: true }
                input { name: "IN" data_type: TYPE_INT32 dims: 1 }
                output { name: "OUT" data_type: TYPE_INT32 dims: 1 }
                """);
        assertThat(refusal(TWICE))
                .contains("names the decoupled model 'second': the ensemble gives several answers, too, so it needs"
                        + " model_transaction_policy { decoupled: true }");
    }

    @Test
    void refusesToJoinTheAnswersOfADecoupledMemberWithWhatRunsBesideIt() throws Exception {
        repository.identity("several", """
                        backend: "repeat"
                        model_transaction_policy { decoupled: true }
                        input { name: "IN" data_type: TYPE_INT32 dims: -1 }
                        output { name: "OUT" data_type: TYPE_INT32 dims: 1 }
                        """).identity("one", """
                        backend: "identity"
                        input { name: "INPUT" data_type: TYPE_INT32 dims: -1 }
                        output { name: "OUTPUT" data_type: TYPE_INT32 dims: -1 }
                        """);
        assertThat(refusal("""
                        platform: "ensemble"
                        model_transaction_policy { decoupled: true }
                        input { name: "IN" data_type: TYPE_INT32 dims: -1 }
                        output { name: "A" data_type: TYPE_INT32 dims: 1 }
                        output { name: "B" data_type: TYPE_INT32 dims: -1 }
                        ensemble_scheduling {
                          step { model_name: "several" input_map { key: "IN" value: "IN" } output_map { key: "OUT" value: "A" } }
                          step { model_name: "one" input_map { key: "INPUT" value: "IN" } output_map { key: "OUTPUT" value: "B" } }
                        }
                        """)).contains("output[1].name is 'B', which a step beside the decoupled one makes");
    }

    @Test
    void bringsItsMembersAndTakesThemAlong() throws Exception {
        try (var agent = RunningAgent.serving(repository, "--model-control-mode=explicit", "--load-model=first")) {
            assertThat(agent.post("/v2/repository/models/twice/load", "").statusCode())
                    .isEqualTo(200);
            assertThat(agent.post("/v2/models/twice/infer", ASK).statusCode()).isEqualTo(200);
            assertThat(agent.get("/v2/models/second/ready").statusCode()).isEqualTo(200);

            var unload =
                    agent.post("/v2/repository/models/twice/unload", "{\"parameters\":{\"unload_dependents\":true}}");
            assertThat(unload.statusCode()).isEqualTo(200);
            assertThat(agent.post("/v2/repository/index", "{\"ready\":true}").body())
                    .as("what was loaded for itself stays")
                    .isEqualTo("[{\"name\":\"first\",\"version\":\"1\",\"state\":\"READY\"}]");
        }
    }

    @Test
    void goesWithAMemberAndComesBackWithIt() throws Exception {
        try (var agent = RunningAgent.serving(repository, "--model-control-mode=explicit", "--load-model=twice")) {
            assertThat(agent.post("/v2/repository/models/second/unload", "").statusCode())
                    .isEqualTo(200);
            assertThat(agent.post("/v2/models/twice/infer", ASK).statusCode()).isEqualTo(503);
            assertThat(agent.post("/v2/repository/index", "").body())
                    .contains(
                            "\"name\":\"twice\",\"version\":\"1\",\"state\":\"UNAVAILABLE\",\"reason\":\"unloaded with 'second'");
            assertThat(agent.get("/v2/health/ready").statusCode()).isEqualTo(200);
            assertThat(agent.post("/v2/repository/models/second/load", "").statusCode())
                    .isEqualTo(200);
            assertThat(agent.post("/v2/models/twice/infer", ASK).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void comesBackWithTheConfigurationThatWasSent() throws Exception {
        try (var agent = RunningAgent.serving(repository, "--model-control-mode=explicit", "--load-model=twice")) {
            var changed = agent.get("/v2/models/twice/config").body().replace("TWICE_LEFT", "SENT_LEFT");
            var sent = "{\"parameters\":{\"config\":\"" + changed.replace("\"", "\\\"") + "\"}}";
            assertThat(agent.post("/v2/repository/models/twice/load", sent).statusCode())
                    .isEqualTo(200);
            assertThat(agent.post("/v2/models/twice/infer", ASK).body()).contains("SENT_LEFT");

            agent.post("/v2/repository/models/second/unload", "");
            agent.post("/v2/repository/models/second/load", "");
            assertThat(agent.post("/v2/models/twice/infer", ASK).body()).contains("SENT_LEFT");

            agent.post("/v2/repository/models/twice/load", "");
            assertThat(agent.post("/v2/models/twice/infer", ASK).body()).contains("TWICE_LEFT");
        }
    }

    @Test
    void aMemberIsNotReplacedByOneThatDoesNotFit() throws Exception {
        try (var agent = RunningAgent.serving(repository, "--model-control-mode=explicit", "--load-model=twice")) {
            repository.onnx("second", 2, "identity");
            var refused = agent.post("/v2/repository/models/second/load", "");
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body())
                    .contains(
                            "the ensemble 'twice', which calls 'second', would not work with it",
                            "non-existing input A");
            assertThat(agent.post("/v2/models/twice/infer", ASK).body()).contains("[2,4,6,8]");
            assertThat(agent.get("/v2/models/second/versions/1").statusCode()).isEqualTo(200);

            repository.onnx("second", 3, "add_sub");
            assertThat(agent.post("/v2/repository/models/second/load", "").statusCode())
                    .isEqualTo(200);
            assertThat(agent.get("/v2/models/second").body()).contains("\"versions\":[\"3\"]");
            assertThat(agent.post("/v2/models/twice/infer", ASK).body()).contains("[2,4,6,8]");
        }
    }
}
