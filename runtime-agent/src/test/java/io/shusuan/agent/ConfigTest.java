package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a configuration does, and what becomes of one that cannot be honoured. */
class ConfigTest {
    private static final String ONES =
            "{\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[1,16],\"datatype\":\"FP32\",\"data\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}]}";

    @TempDir
    private Path folder;

    private ModelRepository repository;

    @BeforeEach
    void write() {
        repository = new ModelRepository(folder);
    }

    private String refusal(String config) throws Exception {
        repository.onnx("m", 1, "identity").config("m", config);
        try (var agent = RunningAgent.serving(repository, "--exit-on-error=false")) {
            return agent.post("/v2/repository/index", "").body();
        }
    }

    @Test
    void namesFileLineFieldAndWhatIsAllowed() throws Exception {
        assertThat(refusal("""
                        max_batch_size: 8 backend: "identity"
                        instance_group { count: 1 }
                        instance_group {
                          count: 1 kind: KIND_GPU gpus: [ 0 ]
                        }
                        dynamic_batching {
                          preferred_batch_size: [ 4, 16 ]
                          priority_levels: 2
                        }
                        optimization { eager_batching: true }
                        """))
                .contains(
                        "m/config.pbtxt:4:12: instance_group[1].kind is not supported by this server: KIND_CPU is",
                        "m/config.pbtxt:4:27: instance_group[1].gpus",
                        "m/config.pbtxt:7:3: dynamic_batching.preferred_batch_size[1] is 16; a size from 1 to max_batch_size (8)",
                        "dynamic_batching.default_priority_level is 0; with priority_levels a level from 1 to 2 is needed",
                        "m/config.pbtxt:10:16: optimization.eager_batching is not supported");
    }

    @Test
    void refusesWhatTheEngineWouldIgnore() throws Exception {
        assertThat(refusal("parameters { key: \"intra_op_threads\" value { string_value: \"1\" } }"))
                .contains(
                        "parameter 'intra_op_threads' of 'm' means nothing to the onnxruntime backend; it knows [intra_op_thread_count");
        assertThat(
                        refusal(
                                "optimization { execution_accelerators { cpu_execution_accelerator [ { name: \"openvino\" } ] } }"))
                .contains("cpu_execution_accelerator 'openvino' of 'm' is not part of this ONNX Runtime, which has [");
        assertThat(refusal("model_transaction_policy { decoupled: true }"))
                .contains("an ONNX model gives one answer to a request");
        assertThat(refusal("metric_tags { key: \"model\" value: \"x\" }")).contains("metric_tags names 'model'");
        assertThat(refusal("model_metrics { metric_control { metric_identifier { family: \"nv_inference_count\" }"
                        + " histogram_options { buckets: [ 2, 1 ] } } }"))
                .contains(
                        "metric_identifier.family is 'nv_inference_count'; nv_inference_first_response_histogram_ms is")
                .contains("histogram_options.buckets are [2.0, 1.0]; at least one is needed");
    }

    /** What only an engine could honour is no more ignored by those that are part of the agent, and by ensembles. */
    @Test
    void refusesWhatIsForOtherEngines() throws Exception {
        var forEngines = """
                parameters { key: "execute_delay_ms" value { string_value: "5" } }
                default_model_filename: "model.onnx"
                optimization { graph { level: 1 } execution_accelerators { cpu_execution_accelerator [ { name: "xnnpack" } ] } }
                """;
        for (var backend : List.of("identity", "repeat", "square", "sequence", "iterative_sequence")) {
            assertThat(refusal("backend: \"" + backend + "\"\n" + forEngines))
                    .contains(
                            "m/config.pbtxt:2:1: parameters is not supported by this server: leave it out, it means nothing to the backend "
                                    + backend,
                            "m/config.pbtxt:3:1: default_model_filename is not",
                            "m/config.pbtxt:4:16: optimization.graph is not",
                            "m/config.pbtxt:4:35: optimization.execution_accelerators is not");
        }
        assertThat(refusal(forEngines + """
                        ensemble_scheduling { step { model_name: "other" input_map { key: "A" value: "A" } output_map { key: "B" value: "B" } } }
                        input { name: "A" data_type: TYPE_FP32 dims: [ 4, 4 ] reshape { shape: [ 16 ] } }
                        output { name: "B" data_type: TYPE_FP32 dims: 16 reshape { shape: [ 4, 4 ] } }
                        """))
                .contains(
                        "m/config.pbtxt:1:1: parameters is not supported by this server: leave it out, it is for engines, and those are the members'",
                        "m/config.pbtxt:3:16: optimization.graph is not",
                        "m/config.pbtxt:5:55: input[0].reshape is not",
                        "m/config.pbtxt:6:50: output[0].reshape is not");
        assertThat(refusal("""
                        backend: "tensorrt"
                        optimization { graph { level: 1 } execution_accelerators {} input_pinned_memory { enable: false } }
                        """))
                .contains(
                        "m/config.pbtxt:2:16: optimization.graph is not",
                        "m/config.pbtxt:2:35: optimization.execution_accelerators is not",
                        "m/config.pbtxt:2:61: optimization.input_pinned_memory is not")
                .doesNotContain("output_pinned_memory");
        assertThat(refusal("backend: \"onnxruntime\" platform: \"tensorrt_plan\""))
                .contains(
                        "names the platform 'tensorrt_plan', and that of the backend onnxruntime is 'onnxruntime_onnx': leave platform out");
    }

    @Test
    void passesSessionSettingsOn() throws Exception {
        repository.onnx("m", 1, "identity").config("m", """
                parameters { key: "intra_op_thread_count" value { string_value: "1" } }
                parameters { key: "enable_mem_arena" value { string_value: "0" } }
                parameters { key: "execution_mode" value { string_value: "1" } }
                parameters { key: "session.disable_prepacking" value { string_value: "1" } }
                metric_tags { key: "team" value: "vision" }
                """);
        try (var agent = RunningAgent.serving(repository)) {
            assertThat(agent.post("/v2/models/m/infer", ONES).statusCode()).isEqualTo(200);
            assertThat(agent.metrics()).contains("nv_inference_count{model=\"m\",version=\"1\",team=\"vision\"} 1\n");
        }
    }

    @Test
    void reshapesWhatTheCallersSeeIntoWhatTheEngineHas() throws Exception {
        repository.onnx("m", 1, "identity").config("m", """
                max_batch_size: 4
                dynamic_batching {}
                input { name: "INPUT0" data_type: TYPE_FP32 dims: [ 4, 4 ] reshape { shape: [ 16 ] } }
                output { name: "OUTPUT0" data_type: TYPE_FP32 dims: [ 2, 8 ] reshape { shape: [ 16 ] } }
                """);
        try (var agent = RunningAgent.serving(repository)) {
            assertThat(agent.post("/v2/models/m/infer", ONES.replace("[1,16]", "[1,4,4]"))
                            .body())
                    .contains("\"shape\":[1,2,8],\"data\":[1.0,1.0,");
            assertThat(agent.post("/v2/models/m/infer", ONES).body()).contains("Expected [-1,4,4], got [1,16]");
        }
        assertThat(refusal("""
                        max_batch_size: 4
                        input { name: "INPUT0" data_type: TYPE_FP32 dims: [ 4, 5 ] reshape { shape: [ 16 ] } }
                        """))
                .contains("m/config.pbtxt:2:60: input[0].reshape turns [4, 5] into [16]; as many elements");
    }

    @Test
    void namesClassesByTheLabelFile() throws Exception {
        var config =
                ModelRepository.GOLDEN_CONFIG.replace("output { name", "output { label_filename: \"names.txt\" name");
        repository.identity("m", config).file("m/names.txt", "cat\nis a dog\n");
        try (var agent = RunningAgent.serving(repository)) {
            var ask = ONES.replace("1,1]}]", "0,3]}]").replace("[1,1,", "[1,2,");
            assertThat(agent.post(
                                    "/v2/models/m/infer",
                                    ask.replace(
                                            "]}]}",
                                            "]}],\"outputs\":[{\"name\":\"OUTPUT0\",\"parameters\":{\"classification\":3}}]}"))
                            .body())
                    // the last has no name in the file
                    .endsWith(
                            "\"shape\":[1,3],\"data\":[\"3.000000:15\",\"2.000000:1:is a dog\",\"1.000000:0:cat\"]}]}");
        }
        repository.remove("m/names.txt");
        try (var agent = RunningAgent.serving(repository, "--exit-on-error=false")) {
            assertThat(agent.post("/v2/repository/index", "").body())
                    .contains("cannot read the labels of output 'OUTPUT0'");
        }
        repository.identity("m", config.replace("names.txt", "../names.txt"));
        try (var agent = RunningAgent.serving(repository, "--exit-on-error=false")) {
            assertThat(agent.post("/v2/repository/index", "").body())
                    .contains("label_filename '../names.txt' leaves the model's folder");
        }
    }

    @Test
    void readsACustomConfigurationWhereAModelHasOne() throws Exception {
        repository
                .onnx("a", 1, "identity")
                .config("a", "max_batch_size: 2")
                .file("a/configs/small.pbtxt", "max_batch_size: 3")
                .onnx("b", 1, "identity")
                .config("b", "max_batch_size: 2");
        try (var agent = RunningAgent.serving(repository, "--model-config-name=small")) {
            assertThat(agent.get("/v2/models/a/config").body()).contains("\"max_batch_size\":3");
            assertThat(agent.get("/v2/models/b/config").body()).contains("\"max_batch_size\":2");
        }
    }

    @Test
    void warmsUpWithZerosRandomNumbersAndAFile() throws Exception {
        var sample = "model_warmup { name: \"%s\" batch_size: 1 count: 2 inputs { key: \"INPUT0\" value {"
                + " data_type: TYPE_FP32 dims: 16 %s } } }\n";
        repository
                .onnx("m", 1, "identity")
                .file("m/warmup/ones", "1".repeat(64))
                .config(
                        "m",
                        "max_batch_size: 4\n" + sample.formatted("zero", "zero_data: true")
                                + sample.formatted("random", "random_data: true")
                                + sample.formatted("file", "input_data_file: \"ones\""));
        try (var agent = RunningAgent.serving(repository)) {
            // no caller's request: the statistics begin at zero
            assertThat(agent.get("/v2/models/m/stats").body()).contains("\"inference_count\":0");
        }
        assertThat(refusal("max_batch_size: 4\n" + sample.formatted("broken", "input_data_file: \"none\"")))
                .contains("input_data_file 'none' of the warm-up sample 'broken' cannot be read");
    }

    @Test
    void aSampleTheModelFailsOnKeepsTheVersionFromServing() throws Exception {
        repository
                .onnx("m", 1, "fails_sometimes")
                .file("m/warmup/far", "\7".repeat(8))
                .config("m", """
                model_warmup { name: "far" inputs { key: "INDEX" value {
                  data_type: TYPE_INT64 dims: 1 input_data_file: "far" } } }
                """);
        try (var agent = RunningAgent.serving(repository, "--exit-on-error=false")) {
            assertThat(agent.post("/v2/repository/index", "").body())
                    .contains("the warm-up sample 'far' of 'm' failed: ", "out of data bounds");
        }
    }

    @Test
    void aBrokenVersionLeavesTheOldOneServingAndSaysWhy() throws Exception {
        repository.onnx("m", 1, "identity");
        try (var agent = RunningAgent.serving(repository, "--model-control-mode=poll", "--repository-poll-secs=1")) {
            assertThat(agent.post("/v2/models/m/infer", ONES).statusCode()).isEqualTo(200);
            repository.file("m/2/model.onnx", "broken");
            await().until(() -> agent.post("/v2/repository/index", "").body().contains("ONNX Runtime cannot load"));
            assertThat(agent.post("/v2/repository/index", "").body())
                    .contains("{\"name\":\"m\",\"version\":\"1\",\"state\":\"READY\"}")
                    .contains(
                            "{\"name\":\"m\",\"version\":\"2\",\"state\":\"UNAVAILABLE\",\"reason\":\"ONNX Runtime cannot load");
            assertThat(agent.post("/v2/models/m/infer", ONES).body()).contains("\"model_version\":\"1\"");
            assertThat(agent.get("/v2/health/ready").statusCode()).isEqualTo(200);
            repository.onnx("m", 2, "identity");
            await().until(() -> agent.post("/v2/models/m/infer", ONES).body().contains("\"model_version\":\"2\""));
        }
    }

    @Test
    void aNewVersionLeavesTheOthersAsTheyAre() throws Exception {
        repository.onnx("m", 1, "identity").config("m", "version_policy { all {} }");
        // far longer than the test: only a file event can tell in time
        try (var agent = RunningAgent.serving(repository, "--model-control-mode=poll", "--repository-poll-secs=3600")) {
            assertThat(agent.post("/v2/models/m/infer", ONES).statusCode()).isEqualTo(200);
            await().until(() -> {
                repository.onnx("m", 2, "identity");
                return agent.get("/v2/models/m").body().contains("\"versions\":[\"1\",\"2\"]");
            });
            assertThat(agent.get("/v2/models/m/versions/1/stats").body()).contains("\"inference_count\":1,");
        }
    }
}
