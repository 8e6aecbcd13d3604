package io.shusuan.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.backend.tensorrt.TensorRtBackend;
import io.shusuan.agent.engine.command.EngineCommand;
import io.shusuan.agent.engine.graph.OnnxFile;
import io.shusuan.agent.engine.onnx.ModelProto;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever valid graph is converted, the result loads and stays close. */
class RandomGraphTest {
    private static final int WIDTH = 16;
    private static final double SPREAD = 0.25;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void convertsAnyGraph(long seed) throws Exception {
        var model = folder.resolve("random.onnx");
        OnnxFile.write(graph(new Random(seed)), model);
        var samples = NpzFile.random(folder.resolve("samples.npz"), "x", 64, WIDTH);
        for (var conversion : List.of("fp16 cpu", "fp16 gpu", "bf16 gpu", "int8 cpu", "int8 gpu", "fp8 gpu")) {
            var words = List.of(conversion.split(" ", -1));
            var said = new ByteArrayOutputStream();
            var stream = new PrintStream(said, true, StandardCharsets.UTF_8);
            int code = EngineCommand.run(
                    List.of(
                            "convert",
                            model.toString(),
                            "--to",
                            words.get(0),
                            "--target",
                            words.get(1),
                            "--samples",
                            samples.toString(),
                            "--output",
                            folder.resolve(conversion.replace(' ', '-')).toString(),
                            "--min-speedup=0",
                            "--max-error=25"),
                    new TensorRtBackend().builds(),
                    stream,
                    stream);
            assertThat(code)
                    .as("seed %d, %s: %s", seed, conversion, said.toString(StandardCharsets.UTF_8))
                    .isZero();
        }
    }

    /** Layers over rows of one width, each reading any of those before it. */
    private static ModelProto graph(Random random) {
        var model = new RowsModel(WIDTH);
        var names = new ArrayList<>(List.of("x"));
        for (int i = 0; i < 4 + random.nextInt(8); i++) {
            var output = name(random, names, i);
            var inputs = new ArrayList<>(List.of(names.get(random.nextInt(names.size()))));
            var kind = i == 0
                    ? "Gemm"
                    : List.of("Gemm", "MatMul", "Relu", "Add", "Sigmoid", "Identity")
                            .get(random.nextInt(6));
            if (kind.equals("Gemm") || kind.equals("MatMul")) {
                model.weights(output + ".weights", random, SPREAD, WIDTH, WIDTH);
                inputs.add(output + ".weights");
            }
            if (kind.equals("Gemm") && random.nextBoolean()) {
                model.weights(output + ".bias", random, SPREAD, WIDTH);
                inputs.add(output + ".bias");
            }
            if (kind.equals("Add")) {
                inputs.add(names.get(random.nextInt(names.size())));
            }
            model.node(kind, output, inputs.toArray(String[]::new));
            names.add(output);
        }
        return random.nextBoolean()
                ? model.answering(names.getLast(), names.get(names.size() - 2))
                : model.answering(names.getLast());
    }

    /** At times one that a conversion would choose itself for what it adds. */
    private static String name(Random random, List<String> taken, int number) {
        var suffixes = List.of(".fp16", ".bf16", ".raw", ".scale", ".zero", ".quantized", ".dequantized");
        var derived = taken.get(random.nextInt(taken.size())) + suffixes.get(random.nextInt(suffixes.size()));
        return random.nextBoolean() || taken.contains(derived) ? "t" + number : derived;
    }
}
