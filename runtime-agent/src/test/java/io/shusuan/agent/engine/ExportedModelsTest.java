package io.shusuan.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.backend.tensorrt.TensorRtBackend;
import io.shusuan.agent.engine.command.EngineCommand;
import io.shusuan.agent.engine.onnx.ModelProto;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models as PyTorch's two exporters, tf2onnx and skl2onnx write them: {@code exported_graphs.py} made these. */
class ExportedModelsTest {
    private static final Path MODELS = Path.of("src/test/resources/exported");

    @TempDir
    private Path folder;

    private static String model(String name) {
        return MODELS.resolve(name).resolve("model.onnx").toString();
    }

    private static String samples(String name) {
        return MODELS.resolve(name).resolve("samples.npz").toString();
    }

    private static String engine(int ends, String... words) {
        var out = new ByteArrayOutputStream();
        var print = new PrintStream(out, true, StandardCharsets.UTF_8);
        int ended = EngineCommand.run(List.of(words), new TensorRtBackend().builds(), print, print);
        var said = out.toString(StandardCharsets.UTF_8);
        assertThat(ended).as(said).isEqualTo(ends);
        return said;
    }

    private String convert(String model, String precision, int ends) {
        return engine(
                ends,
                "convert",
                model(model),
                "--to",
                precision,
                "--target",
                "gpu",
                "--samples",
                samples(model),
                "--output",
                folder.resolve("made").toString());
    }

    /** Whatever a precision makes of it is near the original on every output, and layers of it are converted. */
    @ParameterizedTest
    @CsvSource({
        "pytorch-script-convolutions, fp16",
        "pytorch-script-convolutions, int8",
        "pytorch-dynamo-convolutions, bf16",
        "pytorch-dynamo-convolutions, int8",
        "pytorch-script-causal, fp16",
        "pytorch-script-causal, int8",
        "pytorch-script-recurrent, fp16",
        "pytorch-script-recurrent, fp8",
        "tensorflow-convolutions, bf16",
        "tensorflow-convolutions, int8",
        "tensorflow-convolutions, fp8",
        "tensorflow-recurrent, fp16",
        "sklearn-mlp-zipmap, fp16",
        "sklearn-kmeans, fp16",
    })
    void converts(String model, String precision) {
        assertThat(convert(model, precision, 0))
                .startsWith("ACCEPTED")
                .doesNotContain("layers    0 converted")
                .contains("output    '");
        assertThat(folder.resolve("made/model.onnx")).isRegularFile();
        assertThat(folder.resolve("made/REJECTED")).doesNotExist();
    }

    /** Of sets 17 and 18 there is no FP8: these are raised to 19, through reductions, a Split, and the body of a Loop. */
    @ParameterizedTest
    @CsvSource({"pytorch-script-convolutions", "pytorch-script-causal", "tensorflow-recurrent"})
    void raisesTheOperatorSet(String model) throws Exception {
        convert(model, "fp8", 0);
        try (var in = Files.newInputStream(folder.resolve("made/model.onnx"))) {
            var made = ModelProto.parseFrom(in);
            assertThat(made.getOpsetImportList())
                    .filteredOn(set -> set.getDomain().isEmpty())
                    .allMatch(set -> set.getVersion() == 19);
        }
    }

    /** Labels are compared as well as scores: here nothing else can be. */
    @Test
    void comparesLabelsWhereScoresAreMaps() {
        assertThat(convert("sklearn-mlp-zipmap", "bf16", 0)).contains("output    'output_label': error at most 0");
    }

    /** Inputs of text, and inputs without an axis that counts samples. */
    @ParameterizedTest
    @ValueSource(strings = {"sklearn-columns", "tensorflow-branches"})
    void feedsWhatIsNoRowOfNumbers(String model) {
        assertThat(engine(0, "compare", model(model), model(model), "--samples", samples(model)))
                .contains("error at most 0.00, mean 0.00")
                .contains("over 24 samples");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tensorflow-erfc|fp16|UNKNOWN_OPERATOR: Erfc at node '|: no operator set of ONNX Runtime has it",
                "sklearn-forest-zipmap|fp16|TreeEnsembleClassifier 'TreeEnsembleClassifier': |takes no FLOAT16; serve it as it is",
                "sklearn-forest-zipmap|int8|NOT_CONVERTIBLE: |where Cast 'Cast' is another one: export it with operator set 13 or newer",
                "sklearn-columns|int8|Scaler 'Scaler': |no rule for operators of the domain ai.onnx.ml; serve it as it is",
            })
    void namesWhatStandsInTheWay(String model, String precision, String what, String why) {
        assertThat(convert(model, precision, 1)).contains(what, why);
        assertThat(folder.resolve("made")).doesNotExist();
    }

    @Test
    void readsWeightsBesideTheModel() throws Exception {
        assertThat(Files.size(MODELS.resolve("pytorch-dynamo-convolutions/model.onnx.data")))
                .isPositive();
        var alone = Files.createDirectories(folder.resolve("alone"));
        Files.copy(MODELS.resolve("pytorch-dynamo-convolutions/model.onnx"), alone.resolve("model.onnx"));

        assertThat(engine(1, "inspect", alone.resolve("model.onnx").toString()))
                .contains("EXTERNAL_DATA_MISSING", "model.onnx.data, which is not in the model's folder");
    }
}
