package io.shusuan.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.backend.tensorrt.TensorRtBackend;
import io.shusuan.agent.engine.command.EngineCommand;
import io.shusuan.agent.engine.graph.OnnxFile;
import io.shusuan.agent.engine.graph.TensorValues;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.onnx.TensorProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a conversion writes: which numbers stay FP32, and by what the others are scaled. */
class PrecisionTest {
    private static final int WIDTH = 8;
    private static final int SAMPLES = 32_768;
    private static final float OUTLIER = 50;

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    /** Everything that the options say, for TensorRT, whose quantisation is symmetric; how far it is off is no matter here. */
    private ModelProto converted(ModelProto model, Path samples, int ends, String... options) throws Exception {
        OnnxFile.write(model, folder.resolve("model.onnx"));
        var words =
                new ArrayList<>(List.of("convert", folder.resolve("model.onnx").toString(), "--target=gpu"));
        words.addAll(List.of("--samples=" + samples, "--output=" + folder.resolve("made"), "--replace", "--json"));
        words.addAll(List.of("--max-error=100000", "--batch=4096"));
        words.addAll(List.of(options));
        var print = new PrintStream(said, true, StandardCharsets.UTF_8);
        assertThat(EngineCommand.run(words, new TensorRtBackend().builds(), print, print))
                .as(said.toString(StandardCharsets.UTF_8))
                .isEqualTo(ends);
        return OnnxFile.read(folder.resolve("made/model.onnx"));
    }

    private Path samples() throws IOException {
        var random = new Random(5);
        float[] values = new float[SAMPLES * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        values[7] = OUTLIER;
        return NpzFile.write(folder.resolve("samples.npz"), "x", values, SAMPLES, WIDTH);
    }

    private static ModelProto oneLayer() {
        return new RowsModel(WIDTH)
                .weights("w", new Random(6), 1, WIDTH, WIDTH)
                .node("MatMul", "y", "x", "w")
                .answering("y");
    }

    private static float[] values(ModelProto model, String name) {
        return TensorValues.floats(tensor(model, name));
    }

    private static TensorProto tensor(ModelProto model, String name) {
        return model.getGraph().getInitializerList().stream()
                .filter(each -> each.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not among "
                        + model.getGraph().getInitializerList().stream()
                                .map(TensorProto::getName)
                                .toList()));
    }

    /** One value in 262,144 is far from the others: {@code minmax} alone keeps it. */
    @ParameterizedTest
    @CsvSource({"minmax, 50, 50", "percentile, 4, 6", "entropy, 2, 8"})
    void calibrationSaysHowFarTheStepsReach(String method, float least, float most) throws Exception {
        var made = converted(oneLayer(), samples(), 0, "--to=int8", "--calibration=" + method);

        assertThat(values(made, "x.scale")[0] * Byte.MAX_VALUE).isBetween(least - 0.001f, most + 0.001f);
    }

    @ParameterizedTest
    @CsvSource({"int8, 127", "fp8, 448"})
    void eachChannelOfWeightsHasItsScaleOrAllHaveOne(String precision, float largest) throws Exception {
        var model = oneLayer();
        float[] weights = values(model, "w");
        float[] reach = new float[WIDTH];
        for (int i = 0; i < weights.length; i++) {
            reach[i % WIDTH] = Math.max(reach[i % WIDTH], Math.abs(weights[i]));
        }

        var perChannel = converted(model, samples(), 0, "--to=" + precision);
        var perTensor = converted(model, samples(), 0, "--to=" + precision, "--per-tensor");

        float[] scales = values(perChannel, "y.weights.scale");
        assertThat(scales).hasSize(WIDTH);
        for (int channel = 0; channel < WIDTH; channel++) {
            // of FP8 it is the one of an octave that rounds best
            assertThat(scales[channel] * largest)
                    .isBetween(reach[channel] * 0.999f, reach[channel] * (precision.equals("int8") ? 1.001f : 2));
        }
        assertThat(tensor(perTensor, "y.weights.scale").getDimsList()).isEmpty();
        Arrays.sort(reach);
        assertThat(values(perTensor, "y.weights.scale")[0] * largest).isGreaterThanOrEqualTo(reach[WIDTH - 1] * 0.999f);
    }

    /** 1,000 times 100 is beyond what FP16 has, and so is the constant that is added; BF16 has both. */
    @Test
    void whatOverflowsStaysInFp32() throws Exception {
        float[] large = new float[WIDTH];
        Arrays.fill(large, 1000);
        float[] beyond = new float[WIDTH];
        Arrays.fill(beyond, 1e6f);
        float[] back = new float[WIDTH];
        Arrays.fill(back, 1e-3f);
        var model = new RowsModel(WIDTH)
                .weights("w", new Random(6), 1, WIDTH, WIDTH)
                .constant("large", large, WIDTH)
                .constant("beyond", beyond, WIDTH)
                .constant("back", back, WIDTH)
                .node("MatMul", "small", "x", "w")
                .node("Mul", "much", "small", "large")
                .node("Add", "more", "x", "beyond")
                .node("Mul", "less", "much", "back")
                .node("Mul", "same", "more", "back")
                .node("Add", "y", "less", "same")
                .answering("y");

        converted(model, samples(), 0, "--to=fp16");

        assertThat(said.toString(StandardCharsets.UTF_8))
                .contains(
                        "\"name\":\"small\",\"operator\":\"MatMul\",\"outcome\":\"CONVERTED\"",
                        "\"name\":\"much\",\"operator\":\"Mul\",\"outcome\":\"KEPT\",\"reason\":\"'much' reaches ")
                .contains(" on the samples, beyond FLOAT16's 65504")
                .contains("\"reason\":\"constant 'beyond' holds 1000000.0, beyond FLOAT16's 65504.0\"");

        said.reset();
        converted(model, samples(), 0, "--to=bf16");
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("\"CONVERTED\":6");
    }

    /** It is kept with its numbers, and marked. */
    @Test
    void whatIsSlowerThanAskedIsRejected() throws Exception {
        converted(oneLayer(), samples(), 3, "--to=int8", "--target=cpu", "--min-speedup=1000");

        assertThat(said.toString(StandardCharsets.UTF_8))
                .contains("\"state\":\"REJECTED\"", "latency: a run takes ", "at least 1000.00 is asked");
        assertThat(folder.resolve("made/REJECTED")).content().contains("latency: ");
        assertThat(folder.resolve("made/conversion.json")).content().contains("\"latency\":");
    }
}
