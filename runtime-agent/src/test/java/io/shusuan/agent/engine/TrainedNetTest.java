package io.shusuan.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.backend.tensorrt.TensorRtBackend;
import io.shusuan.agent.engine.command.EngineCommand;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A residual network with batch normalisation that was trained on real digits: it keeps its accuracy on pictures that neither training nor
 * calibration saw. {@code deploy/bench/agent/inside/train_resnet.py} trained it, and says which digits those are.
 */
class TrainedNetTest {
    private static final Path DIGITS = Path.of("../deploy/examples/digits/digits-train.csv.gz");
    private static final int SIDE = 8;

    @TempDir
    private Path folder;

    private Path model = Path.of("");
    private Path calibration = Path.of("");
    private Path heldOut = Path.of("");

    @BeforeEach
    void divideDigits() throws IOException {
        new ModelRepository(folder).onnx("digits", 1, "tiny_resnet");
        model = folder.resolve("digits/1/model.onnx");
        var known = new ArrayList<String>();
        var unseen = new ArrayList<String>();
        try (var lines = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(DIGITS)), StandardCharsets.US_ASCII))) {
            int number = 0;
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                (number++ % 3 == 0 ? unseen : known).add(line);
            }
        }
        calibration = pictures("calibration.npz", known.subList(0, 256));
        heldOut = pictures("heldout.npz", unseen);
    }

    private Path pictures(String name, List<String> lines) throws IOException {
        int pixels = SIDE * SIDE;
        float[] images = new float[lines.size() * pixels];
        byte[] labels = new byte[lines.size()];
        for (int i = 0; i < labels.length; i++) {
            var numbers = lines.get(i).split(",", -1);
            for (int pixel = 0; pixel < pixels; pixel++) {
                images[i * pixels + pixel] = Float.parseFloat(numbers[pixel]) / 8 - 1; // 0 to 16 ink, from -1 to 1
            }
            labels[i] = Byte.parseByte(numbers[pixels]);
        }
        return NpzFile.pictures(folder.resolve(name), "image", images, SIDE, labels);
    }

    private String engine(Object... words) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int code = EngineCommand.run(
                Arrays.stream(words).map(Object::toString).toList(),
                new TensorRtBackend().builds(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        assertThat(code).as(err.toString(StandardCharsets.UTF_8)).isZero();
        return out.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "int8",
                "int8 --without-vnni",
                "int8 --calibration=entropy",
                "int8 --calibration=percentile",
                "int8 --target=gpu",
                "fp8 --target=gpu",
                "bf16 --target=gpu",
                "fp16 --target=gpu"
            })
    void keepsItsAccuracy(String precision) {
        var words =
                new ArrayList<Object>(List.of("convert", model, "--samples", calibration, "--json", "--min-speedup=0"));
        words.addAll(List.of("--output", folder.resolve("digits/2"), "--to"));
        words.addAll(List.of(precision.split(" ", -1)));
        assertThat(engine(words.toArray())).contains("\"state\":\"ACCEPTED\"");

        // ONNX Runtime on a CPU opens pairs of FP8, and BFLOAT16, only in the way that the conversion itself does
        if (!precision.startsWith("fp8") && !precision.startsWith("bf16")) {
            var compared =
                    engine("compare", model, folder.resolve("digits/2/model.onnx"), "--samples", heldOut, "--json");
            assertThat(number(compared, "before")).isGreaterThan(0.97);
            assertThat(number(compared, "after")).isGreaterThanOrEqualTo(number(compared, "before") - 0.01);
        }
    }

    private static double number(String compared, String name) {
        var found =
                Pattern.compile("\"task\":\\{[^}]*\"" + name + "\":([0-9.]+)").matcher(compared);
        assertThat(found.find()).as(compared).isTrue();
        return Double.parseDouble(found.group(1));
    }

    @Test
    void usesSevenBitsWhereProductsAreAddedInSixteen() {
        var report = engine(
                "convert",
                model,
                "--samples",
                calibration,
                "--json",
                "--min-speedup=0",
                "--without-vnni",
                "--to=int8",
                "--output",
                folder.resolve("digits/2"));

        assertThat(report).contains("largest weight 64");
        assertThat(report)
                .as("no normalisation is left, which would stay in FP32")
                .contains("\"KEPT\":0");
    }
}
