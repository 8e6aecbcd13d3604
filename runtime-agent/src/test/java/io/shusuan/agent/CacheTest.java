package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers that are given again. */
class CacheTest {
    @TempDir
    private Path folder;

    private ModelRepository repository;

    @BeforeEach
    void write() {
        repository = new ModelRepository(folder)
                .onnx("m", 1, "identity")
                .config("m", "max_batch_size: 8 response_cache { enable: true }");
    }

    private static String ask(int value) {
        return "{\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[1,16],\"datatype\":\"FP32\",\"data\":["
                + String.join(",", Collections.nCopies(16, value + ".0")) + "]}]}";
    }

    private static void answers(RunningAgent agent, int value) throws Exception {
        assertThat(agent.post("/v2/models/m/infer", ask(value)).body())
                .contains("\"data\":[" + String.join(",", Collections.nCopies(16, value + ".0")) + "]");
    }

    @Test
    void theModelIsAskedOnceForTheSame() throws Exception {
        try (var agent = RunningAgent.serving(repository, "--cache-config=local,size=1048576")) {
            answers(agent, 1);
            answers(agent, 2);
            answers(agent, 1);
            answers(agent, 1);
            assertThat(agent.get("/v2/models/m/stats").body())
                    .contains(
                            "\"inference_count\":2,\"execution_count\":2",
                            "\"success\":{\"count\":4,",
                            "\"cache_hit\":{\"count\":2,",
                            "\"cache_miss\":{\"count\":2,");
            assertThat(agent.metrics())
                    .contains(
                            "nv_cache_num_hits_per_model{model=\"m\",version=\"1\"} 2\n",
                            "nv_cache_num_misses_per_model{model=\"m\",version=\"1\"} 2\n",
                            "nv_inference_count{model=\"m\",version=\"1\"} 2\n",
                            "nv_inference_request_success{model=\"m\",version=\"1\"} 4\n");
        }
    }

    @Test
    void forgetsWhatWasNotAskedForLongestWhenItIsFull() throws Exception {
        // two answers of 64 bytes and what an entry takes beside them
        try (var agent = RunningAgent.serving(repository, "--response-cache-byte-size=1200")) {
            answers(agent, 1);
            answers(agent, 2);
            answers(agent, 1);
            answers(agent, 3);
            answers(agent, 1);
            answers(agent, 2);
            assertThat(agent.get("/v2/models/m/stats").body())
                    .contains("\"cache_hit\":{\"count\":2,", "\"cache_miss\":{\"count\":4,");
        }
    }

    @Test
    void anAnswerThatDoesNotFitIsNotKept() throws Exception {
        try (var agent = RunningAgent.serving(repository, "--cache-config=local,size=100")) {
            answers(agent, 1);
            answers(agent, 1);
            assertThat(agent.get("/v2/models/m/stats").body()).contains("\"cache_miss\":{\"count\":2,");
        }
    }

    @Test
    void outputsAndParametersMakeADifferentRequest() throws Exception {
        repository.onnx("m", 1, "add_sub");
        var both = "{\"inputs\":[{\"name\":\"A\",\"shape\":[1,4],\"datatype\":\"INT32\",\"data\":[1,2,3,4]},"
                + "{\"name\":\"B\",\"shape\":[1,4],\"datatype\":\"INT32\",\"data\":[1,2,3,4]}]}";
        try (var agent = RunningAgent.serving(repository, "--cache-config=local,size=1048576")) {
            assertThat(agent.post("/v2/models/m/infer", both).body()).contains("SUM", "DIFFERENCE");
            var one = agent.post("/v2/models/m/infer", both.replace("]}]}", "]}],\"outputs\":[{\"name\":\"SUM\"}]}"));
            assertThat(one.body()).contains("SUM").doesNotContain("DIFFERENCE");
            agent.post("/v2/models/m/infer", both.replace("{\"inputs\"", "{\"parameters\":{\"x\":1},\"inputs\""));
            assertThat(agent.get("/v2/models/m/stats").body()).contains("\"cache_hit\":{\"count\":0,");
        }
    }

    @Test
    void aModelThatIsLoadedAgainIsAskedAgain() throws Exception {
        try (var agent = RunningAgent.serving(
                repository, "--cache-config=local,size=1048576", "--model-control-mode=explicit", "--load-model=m")) {
            answers(agent, 1);
            repository.config("m", "max_batch_size: 4 response_cache { enable: true }");
            assertThat(agent.post("/v2/repository/models/m/load", "").statusCode())
                    .isEqualTo(200);
            answers(agent, 1);
            assertThat(agent.get("/v2/models/m/stats").body())
                    .contains("\"cache_hit\":{\"count\":0,", "\"inference_count\":1");
        }
    }

    @Test
    void refusesWhatItCannotKeep() throws Exception {
        try (var agent = RunningAgent.serving(repository, "--exit-on-error=false")) {
            assertThat(agent.post("/v2/repository/index", "").body())
                    .contains(
                            "m/config.pbtxt:1:36: response_cache.enable needs memory for the answers: start the server with --cache-config");
        }
        repository.remove("m").identity("m", """
                backend: "square"
                model_transaction_policy { decoupled: true }
                input { name: "IN" data_type: TYPE_INT32 dims: 1 }
                output { name: "OUT" data_type: TYPE_INT32 dims: 1 }
                response_cache { enable: true }
                """);
        try (var agent = RunningAgent.serving(repository, "--exit-on-error=false", "--cache-config=local,size=9999")) {
            assertThat(agent.post("/v2/repository/index", "").body()).contains("contradicts model_transaction_policy");
        }
    }
}
