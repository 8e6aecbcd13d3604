package io.shusuan.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.Main;
import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.RunningAgent;
import io.shusuan.agent.backend.tensorrt.TensorRtBackend;
import io.shusuan.agent.engine.command.EngineCommand;
import io.shusuan.agent.engine.command.EngineProcess;
import io.shusuan.agent.engine.graph.OnnxFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EngineCommandTest {
    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Path model = Path.of("");
    private Path samples = Path.of("");

    @BeforeEach
    void writeModelAndSamples() throws IOException {
        new ModelRepository(folder).onnx("mlp", 1, "mlp");
        model = folder.resolve("mlp/1/model.onnx");
        samples = NpzFile.random(folder.resolve("samples.npz"), "image", 32, 64);
    }

    private int engine(Object... words) {
        return EngineCommand.run(
                Arrays.stream(words).map(Object::toString).toList(),
                new TensorRtBackend().builds(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    /** A tiny model has no time to win; its gate for latency is set aside. */
    private int convert(Path source, String precision, Path output, Object... more) {
        var words = new ArrayList<Object>(
                List.of("convert", source, "--to", precision, "--samples", samples, "--output", output));
        words.addAll(List.of("--min-speedup", "0"));
        words.addAll(List.of(more));
        return engine(words.toArray());
    }

    @ParameterizedTest
    @CsvSource({"fp16,cpu", "fp16,gpu", "bf16,cpu", "bf16,gpu", "int8,cpu", "int8,gpu", "fp8,gpu"})
    void convertsAndStaysClose(String precision, String target) {
        var output = folder.resolve("mlp/2");

        assertThat(convert(model, precision, output, "--target", target, "--json"))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();

        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("\"state\":\"ACCEPTED\"", "\"precision\":\"" + precision + "\"", "\"maxError\":");
        assertThat(output.resolve("model.onnx")).isRegularFile();
        assertThat(output.resolve("conversion.json")).isRegularFile();
        assertThat(output.resolve("REJECTED")).doesNotExist();
        assertThat(folder.resolve("mlp").toFile().list()).containsExactlyInAnyOrder("1", "2");
    }

    @Test
    void writesTheSameBytesForTheSameModel() throws IOException {
        convert(model, "int8", folder.resolve("a"));
        convert(model, "int8", folder.resolve("b"));

        assertThat(Files.mismatch(folder.resolve("a/model.onnx"), folder.resolve("b/model.onnx")))
                .isEqualTo(-1);
    }

    @Test
    void keepsWhatIsListed() {
        assertThat(convert(model, "int8", folder.resolve("out"), "--keep", "Gemm"))
                .isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("NOT_CONVERTIBLE", "listed to be kept");
    }

    @Test
    void neverServesWhatAGateHasRejected() throws Exception {
        assertThat(convert(model, "int8", folder.resolve("mlp/2"), "--max-error", "0"))
                .isEqualTo(3);
        assertThat(folder.resolve("mlp/2/REJECTED")).content().contains("accuracy: output 'probabilities' differs");

        // nor does it say what kind of model the others are
        new ModelRepository(folder).file("mlp/3/REJECTED", "slower").file("mlp/3/model.plan", "");

        try (var agent = RunningAgent.serving(new ModelRepository(folder))) {
            assertThat(agent.get("/v2/models/mlp").body()).contains("\"versions\":[\"1\"]");
            assertThat(agent.post("/v2/repository/index", "").body())
                    .contains("{\"name\":\"mlp\",\"version\":\"1\",\"state\":\"READY\"}")
                    .contains("version 2 of 'mlp' was rejected when it was converted and is not served: accuracy")
                    .contains("version 3 of 'mlp' was rejected when it was converted and is not served: slower");
            assertThat(agent.get("/v2/models/mlp/versions/2/ready").statusCode())
                    .isNotEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"latest { num_versions: 2 }", "all {}", "specific { versions: [ 1, 2, 3 ] }"})
    void choosesAmongWhatTheGatesLeft(String policy) throws Exception {
        new ModelRepository(folder)
                .onnx("mlp", 2, "mlp")
                .file("mlp/2/REJECTED", "far off")
                .onnx("mlp", 3, "mlp")
                .config("mlp", "version_policy { " + policy + " }");

        try (var agent = RunningAgent.serving(new ModelRepository(folder))) {
            assertThat(agent.get("/v2/models/mlp").body()).contains("\"versions\":[\"1\",\"3\"]");
        }
    }

    @Test
    void goesOnServingWhenTheNextVersionIsRejectedAndTakesItOnceItIsNot() throws Exception {
        try (var agent = RunningAgent.serving(
                new ModelRepository(folder), "--model-control-mode=explicit", "--load-model=mlp")) {
            new ModelRepository(folder).onnx("mlp", 2, "mlp").file("mlp/2/REJECTED", "far off");
            assertThat(agent.post("/v2/repository/models/mlp/load", "").statusCode())
                    .isEqualTo(200);
            assertThat(agent.get("/v2/models/mlp").body()).contains("\"versions\":[\"1\"]");

            Files.delete(folder.resolve("mlp/2/REJECTED"));
            assertThat(agent.post("/v2/repository/models/mlp/load", "").statusCode())
                    .isEqualTo(200);
            assertThat(agent.get("/v2/models/mlp").body()).contains("\"versions\":[\"2\"]");
        }
    }

    @Test
    void refusesAModelOfWhichEveryVersionWasRejected() throws Exception {
        new ModelRepository(folder).file("mlp/1/REJECTED", "far off");

        try (var agent = RunningAgent.serving(
                new ModelRepository(folder), "--exit-on-error=false", "--strict-readiness=false")) {
            assertThat(agent.post("/v2/repository/index", "").body())
                    .contains("\"version\":\"1\"", "UNAVAILABLE", "and is not served: far off");
        }
    }

    @Test
    void namesWhatIsWrongWithTheModel() throws IOException {
        var bytes = Files.readAllBytes(model);
        var broken = Files.write(folder.resolve("broken.onnx"), Arrays.copyOf(bytes, bytes.length / 2));
        var text = new String(bytes, StandardCharsets.ISO_8859_1).replace("Softmax", "Saftmux");
        var unknown = Files.writeString(folder.resolve("unknown.onnx"), text, StandardCharsets.ISO_8859_1);

        assertThat(convert(broken, "fp16", folder.resolve("out"))).isEqualTo(1);
        assertThat(convert(unknown, "fp16", folder.resolve("out"))).isEqualTo(1);
        assertThat(convert(folder.resolve("none.onnx"), "fp16", folder.resolve("out")))
                .isEqualTo(1);

        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("NOT_ONNX: ", "broken.onnx is not a whole ONNX model")
                .contains("UNKNOWN_OPERATOR: Saftmux at node 'probabilities'", "check its spelling")
                .contains("UNREADABLE: there is no file");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void refusesSamplesThatDoNotFit() throws IOException {
        NpzFile.random(samples, "picture", 8, 64);
        assertThat(convert(model, "int8", folder.resolve("out"))).isEqualTo(1);
        NpzFile.random(samples, "image", 8, 63);
        assertThat(convert(model, "int8", folder.resolve("out"))).isEqualTo(1);
        NpzFile.write(samples, "image", new float[] {Float.NaN, 1}, 1, 2);
        assertThat(convert(model, "int8", folder.resolve("out"))).isEqualTo(1);
        Files.writeString(samples, "no zip");
        assertThat(convert(model, "int8", folder.resolve("out"))).isEqualTo(1);

        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("SAMPLES_MISMATCH: ", "there is no array 'image'")
                .contains("the array has the shape [8, 63], axis 1 must be 64")
                .contains("SAMPLES_UNREADABLE: ", "holds no arrays");
    }

    /** 64 MiB of weights, beside a model that is read into 40. */
    @Test
    void saysThatTheModelTakesMoreMemoryThanThereIs() throws Exception {
        var large = new RowsModel(4096)
                .constant("w", new float[4096 * 4096], 4096, 4096)
                .node("MatMul", "y", "x", "w")
                .answering("y");
        OnnxFile.write(large, folder.resolve("large.onnx"));
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var small = new EngineProcess(
                List.of(java, "-Xmx40m", "-cp", System.getProperty("java.class.path"), Main.class.getName(), "engine"));

        var ended = small.run(List.of("inspect", folder.resolve("large.onnx").toString()));

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.said())
                .startsWith("OUT_OF_MEMORY: the model does not fit into this process, which may have ")
                .endsWith("give the machine or the task more memory");
    }

    @Test
    void replacesOnlyItsOwnResults() throws IOException {
        convert(model, "fp16", folder.resolve("out"));
        assertThat(convert(model, "fp16", folder.resolve("out"))).isEqualTo(1);
        assertThat(convert(model, "fp16", folder.resolve("out"), "--replace")).isZero();
        assertThat(convert(model, "fp16", folder.resolve("mlp/1"), "--replace")).isEqualTo(1);

        assertThat(err.toString(StandardCharsets.UTF_8)).contains("OUTPUT_EXISTS: ", "is no earlier result");
    }

    @Test
    void inspectsComparesAndProfiles() {
        assertThat(engine("inspect", model)).isZero();
        assertThat(engine("compare", model, model, "--samples", samples)).isZero();
        assertThat(engine("profile", model, "--samples", samples, "--runs", "3"))
                .isZero();

        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("input     image FLOAT[?, 64]", "2 × Gemm")
                .contains("error at most 0.00, mean 0.00")
                .containsPattern("µs +[0-9.]+ % +(FusedGemm|Gemm)");
    }

    @Test
    void saysWhatTheCommandLineLacks() {
        assertThat(engine("build")).isEqualTo(2);
        assertThat(engine("build", model, "--profile=image")).isEqualTo(2);
        assertThat(engine("build", model, "--optimization-level=9")).isEqualTo(2);
        assertThat(engine("convert", model)).isEqualTo(2);
        assertThat(engine("translate")).isEqualTo(2);
        assertThat(engine("--help")).isZero();

        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("give one model, not 0 files", "--profile: 'image' names no input: write INPUT=MIN:OPT:MAX")
                .contains("--optimization-level takes a number from 0.0 to 5.0, not '9'")
                .contains("--to is missing", "there is no command 'translate'");
    }
}
