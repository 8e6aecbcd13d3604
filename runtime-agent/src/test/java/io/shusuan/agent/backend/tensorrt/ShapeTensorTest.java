package io.shusuan.agent.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.RunningAgent;
import io.shusuan.agent.engine.command.EngineCommand;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Inputs and outputs whose values are sizes: SUM has each row of A as often as SIZES says, and TOLD says SIZES again. */
class ShapeTensorTest {
    private static final String PLAN = """
            HOST PLAN 1 sm_90
            expand
            input A FP32 -1,1 1,1/2,1/8,1
            sizes SIZES INT32 2 1,1/2,4/8,16
            output SUM FP32 -1,-1
            told TOLD INT32 2
            end
            """;
    private static final String TENSORS = """
            input { name: "A" data_type: TYPE_FP32 dims: 1 }
            input { name: "SIZES" data_type: TYPE_INT32 dims: 1 is_shape_tensor: true }
            output { name: "SUM" data_type: TYPE_FP32 dims: -1 }
            output { name: "TOLD" data_type: TYPE_INT32 dims: 1 is_shape_tensor: true }
            """;

    @TempDir
    private Path folder;

    private final HostEngine engine = new HostEngine();

    @AfterEach
    void nothingIsLeft() {
        engine.assertNothingLeft();
    }

    private RunningAgent serving(String config, String... flags) throws InterruptedException {
        var repository = new ModelRepository(folder)
                .config("m", "backend: \"tensorrt\" " + config)
                .file("m/1/model.plan", PLAN);
        return RunningAgent.serving(repository, new TensorRtBackend(() -> engine), flags);
    }

    private static String body(int first, int rows, int columns) {
        return "{\"inputs\":[{\"name\":\"A\",\"shape\":[" + rows + ",1],\"datatype\":\"FP32\",\"data\":"
                + IntStream.range(first, first + rows).boxed().toList()
                + "},{\"name\":\"SIZES\",\"shape\":[2],\"datatype\":\"INT32\",\"data\":[" + rows + "," + columns
                + "]}]}";
    }

    private static void assertExpanded(HttpResponse<String> answer, int first, int rows, int columns) {
        var numbers = IntStream.range(0, rows * columns)
                .mapToObj(i -> (float) (first + i / columns))
                .map(Object::toString)
                .collect(Collectors.joining(","));
        assertThat(answer.body())
                .contains("\"name\":\"SUM\",\"datatype\":\"FP32\",\"shape\":[" + rows + "," + columns + "],\"data\":["
                        + numbers + "]")
                .contains("\"name\":\"TOLD\",\"datatype\":\"INT32\",\"shape\":[2],\"data\":[" + rows + "," + columns
                        + "]");
    }

    private static HttpResponse<String> infer(RunningAgent agent, String body) throws Exception {
        return agent.post("/v2/models/m/infer", body);
    }

    private static String index(RunningAgent agent) throws Exception {
        return agent.post("/v2/repository/index", "{}").body();
    }

    /** The batch is their first value: of three requests the model sees one tensor with the sum of it. */
    @Test
    void addsUpTheFirstValuesOfABatch() throws Exception {
        try (var agent = serving("max_batch_size: 8 " + TENSORS
                + "dynamic_batching { preferred_batch_size: 4 max_queue_delay_microseconds: 60000000 }")) {
            var first = agent.postLater("/v2/models/m/infer", body(1, 1, 3));
            var second = agent.postLater("/v2/models/m/infer", body(5, 2, 3));
            assertExpanded(infer(agent, body(9, 1, 3)), 9, 1, 3);
            assertExpanded(first.get(), 1, 1, 3);
            assertExpanded(second.get(), 5, 2, 3);
            assertThat(agent.get("/v2/models/m/stats").body()).contains("\"inference_count\":4,\"execution_count\":1");
        }
    }

    @Test
    void doesNotBatchWhatHasOtherSizes() throws Exception {
        try (var agent =
                serving("max_batch_size: 8 " + TENSORS + "dynamic_batching { max_queue_delay_microseconds: 200000 }")) {
            var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
            for (int i = 0; i < 8; i++) {
                answers.add(agent.postLater("/v2/models/m/infer", body(i, 1, 1 + i % 4)));
            }
            for (int i = 0; i < 8; i++) {
                assertExpanded(answers.get(i).get(), i, 1, 1 + i % 4);
            }
        }
    }

    @Test
    void completesAConfigurationWithoutBatches() throws Exception {
        try (var agent = serving("")) {
            assertThat(agent.get("/v2/models/m/config").body())
                    .contains("\"max_batch_size\":0")
                    .contains("\"name\":\"SIZES\",\"data_type\":\"TYPE_INT32\",\"format\":\"FORMAT_NONE\",\"dims\":[2],"
                            + "\"is_shape_tensor\":true");
            assertExpanded(infer(agent, body(3, 2, 16)), 3, 2, 16);
            assertExpanded(infer(agent, body(7, 1, 2)), 7, 1, 2);
        }
    }

    @Test
    void refusesValuesThatNoProfileTakesOrThatAreAnotherBatch() throws Exception {
        try (var agent = serving("max_batch_size: 8 " + TENSORS)) {
            assertThat(infer(agent, body(1, 2, 17)).body())
                    .contains("no optimisation profile of the plan takes 'A' of shape [2,1], 'SIZES' with the values "
                            + "[2,17]: profile 0 takes 'A' [1,1] to [8,1], 'SIZES' [1,1] to [8,16]");
            var other = infer(agent, body(1, 2, 3).replace("[2,3]", "[1,3]"));
            assertThat(other.statusCode()).isEqualTo(400);
            assertThat(other.body()).contains("input 'SIZES' batch size does not match other inputs for 'm'");
            var without = infer(
                    agent,
                    body(1, 2, 3).replace("\"shape\":[2],", "\"shape\":[1],").replace("[2,3]", "[3]"));
            assertThat(without.body())
                    .contains("unexpected shape for input 'SIZES' for model 'm'. Expected [2], got [1].");
            assertExpanded(infer(agent, body(1, 2, 3)), 1, 2, 3);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "max_batch_size: 8 TENSORS|dims: 1 is_shape_tensor|dims: 1 optional: true is_shape_tensor|contradicts optional",
                "max_batch_size: 8 TENSORS|TYPE_INT32|TYPE_FP32|a shape tensor has TYPE_INT32 or TYPE_INT64",
                "max_batch_size: 8 TENSORS|dims: 1 is_shape_tensor: true|dims: 1|input 'SIZES' is a shape tensor: write is_shape_tensor: true",
                "max_batch_size: 8 TENSORS|dims: -1 }|dims: -1 is_shape_tensor: true }|a shape tensor has one dimension",
                "max_batch_size: 8 TENSORS|dims: 1 is_shape_tensor|dims: 2 is_shape_tensor|gives the input 'SIZES' the shape [3] (with the batch), the model [2]",
                "max_batch_size: 8 TENSORS sequence_batching { }|x|x|does not go with sequence_batching",
                "optimization { cuda { graphs: true } }|x|x|cannot be had: 'SIZES' is a shape tensor, and a CUDA graph would keep its values",
            })
    void refusesWhatCannotBe(String config, String from, String to, String why) throws Exception {
        try (var agent = serving(config.replace("TENSORS", TENSORS).replaceFirst(from, to), "--exit-on-error=false")) {
            assertThat(index(agent)).contains(why);
        }
    }

    @Test
    void onlyTensorRtHasThem() throws Exception {
        var repository = new ModelRepository(folder)
                .onnx("other", 1, "identity")
                .config("other", "input { name: \"x\" is_shape_tensor: true }");
        try (var agent = RunningAgent.serving(repository, "--exit-on-error=false")) {
            assertThat(index(agent)).contains("only TensorRT's engines have them");
        }
    }

    @Test
    void isWarmedUpWithItsOwnBatch() throws Exception {
        var warmup = """
                model_warmup { name: "w" batch_size: 2 inputs { key: "A" value { data_type: TYPE_FP32 dims: 1 random_data: true } }
                  inputs { key: "SIZES" value { data_type: TYPE_INT32 dims: 1 input_data_file: "sizes" } } }
                """;
        Files.createDirectories(folder.resolve("m/warmup"));
        Files.write(folder.resolve("m/warmup/sizes"), new byte[] {2, 0, 0, 0, 3, 0, 0, 0});
        try (var agent = serving("max_batch_size: 8 " + TENSORS + warmup)) {
            assertExpanded(infer(agent, body(1, 2, 3)), 1, 2, 3);
        }
    }

    // --- builds ---

    private String build(Path model, int ends, String... more) {
        var out = new ByteArrayOutputStream();
        var print = new PrintStream(out, true, StandardCharsets.UTF_8);
        var words = new ArrayList<>(List.of(
                "build", model.toString(), "--cache", folder.resolve("cache").toString(), "--min-speedup=0"));
        words.addAll(List.of(more));
        int ended = EngineCommand.run(words, new TensorRtBackend(() -> engine).builds(), print, print);
        var said = out.toString(StandardCharsets.UTF_8);
        assertThat(ended).as(said).isEqualTo(ends);
        return said;
    }

    /** What is built is compared with ONNX Runtime at the usual values. */
    @Test
    void buildsForRangesOfValues() throws Exception {
        var model = SmallModel.expand(folder.resolve("model.onnx"));

        build(model, 0, "--profile=A=1x1:2x1:8x1,SIZES=1x1:2x4:8x16");

        try (var entries = Files.walk(folder.resolve("cache"))) {
            var plan = entries.filter(file -> file.endsWith("model.plan")).findFirst();
            assertThat(plan.orElseThrow())
                    .content()
                    .contains("sizes SIZES INT64 2 1,1/2,4/8,16", "input A FP32 -1,1 1,1/2,1/8,1");
        }
    }

    @Test
    void saysHowToGiveTheValuesThatABuildNeeds() {
        var model = SmallModel.expand(folder.resolve("model.onnx"));

        assertThat(build(model, 1))
                .contains(
                        "PROFILE_MISMATCH",
                        "input 'SIZES' is a shape tensor with 2 values",
                        "SIZES=MIN:OPT:MAX",
                        "8x8");
        assertThat(build(model, 1, "--profile=A=1x1:2x1:8x1,SIZES=1x1x1:2x4x1:8x16x1"))
                .contains("PROFILE_MISMATCH", "which it does not take");
    }
}
