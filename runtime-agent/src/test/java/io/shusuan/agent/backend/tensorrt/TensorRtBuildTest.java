package io.shusuan.agent.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.engine.NpzFile;
import io.shusuan.agent.engine.command.EngineCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code engine build} with the host engine in TensorRT's place; what it makes is compared with the real ONNX Runtime. */
class TensorRtBuildTest {
    @TempDir
    private Path folder;

    private HostEngine engine = new HostEngine();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Path model = Path.of("");

    @BeforeEach
    void writeModel() {
        model = SmallModel.add(folder.resolve("model.onnx"));
    }

    @AfterEach
    void nothingIsLeft() {
        engine.assertNothingLeft();
    }

    /** A tiny model has no time to win; its gate for latency is set aside. */
    private int build(Object... more) {
        var words = new ArrayList<>(List.of("build", model.toString(), "--cache", cache().toString()));
        words.add("--min-speedup=0");
        for (var word : more) {
            words.add(word.toString());
        }
        return run(words);
    }

    private int run(List<String> words) {
        return EngineCommand.run(
                words,
                new TensorRtBackend(() -> engine).builds(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private Path cache() {
        return folder.resolve("cache");
    }

    private String said() {
        return out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8);
    }

    private List<Path> entries() throws IOException {
        if (!Files.exists(cache())) {
            return List.of();
        }
        try (var children = Files.list(cache())) {
            return children.filter(Files::isDirectory).toList();
        }
    }

    private Path entry() throws IOException {
        assertThat(entries()).hasSize(1);
        return entries().getFirst();
    }

    @Test
    void buildsJudgesAndKeeps() throws IOException {
        assertThat(build("--json")).as(said()).isZero();

        assertThat(said())
                .contains(
                        "\"state\":\"ACCEPTED\"",
                        "\"platform\":\"TensorRT 11.2.1 for sm_90\"",
                        "\"samples\":\"made up\"")
                .contains("\"name\":\"SUM\",\"maxError\":0.0");
        assertThat(entry().resolve("model.plan")).content().isEqualTo("""
                HOST PLAN 1 sm_90
                add
                input A FP32 -1,4 1,4/8,4/8,4
                input B FP32 -1,4 1,4/8,4/8,4
                output SUM FP32 -1,4
                end
                """);
        assertThat(entry().resolve("model.onnx")).hasSameBinaryContentAs(model);
        assertThat(Files.readString(entry().resolve("key.txt"))).contains("TensorRT 11.2.1", "GPU sm_90", "level 3");
    }

    @Test
    void buildsTheSameOnceAndAnythingElseAnew() throws IOException {
        build();
        build();
        assertThat(engine.builds()).isOne();

        build("--optimization-level=5");
        build("--workspace-mb=64");
        build("--refittable");
        build("--weight-streaming");
        build("--max-batch=16");
        build("--max-error=2");
        build("--profile=A=1x4:2x4:4x4,B=1x4:2x4:4x4", "--profile=A=5x4:8x4:8x4,B=5x4:8x4:8x4");
        SmallModel.add(model, "other");
        build();
        assertThat(engine.builds()).as(said()).isEqualTo(9);
        assertThat(entries()).hasSize(9);
        assertThat(Files.readString(cache().resolve("timings-11.2.1-sm_90"))).hasLineCount(9);
    }

    @Test
    void takesTheBatchesOfTheModelsConfiguration() throws IOException {
        model = SmallModel.add(folder.resolve("m/1/model.onnx"));
        Files.writeString(
                folder.resolve("m/config.pbtxt"),
                "max_batch_size: 64 dynamic_batching { preferred_batch_size: [16, 32] }");

        assertThat(build()).as(said()).isZero();

        assertThat(Files.readString(entry().resolve("key.txt"))).contains("profile A=1x4:32x4:64x4,B=1x4:32x4:64x4");
    }

    /** What other versions and GPUs can run has the same key there. */
    @Test
    void sharesWhatIsCompatible() throws IOException {
        build("--version-compatible", "--hardware-compatible");

        assertThat(Files.readString(entry().resolve("key.txt"))).contains("TensorRT 11.x", "GPU sm_80 and newer");
    }

    @Test
    void keepsWhatFailsAGateMarkedAndDoesNotBuildItAgain() throws IOException {
        engine.buildingWrongly();

        assertThat(build()).isEqualTo(3);
        assertThat(build("--json")).isEqualTo(3);

        assertThat(engine.builds()).isOne();
        assertThat(said()).contains("REJECTED  ", "accuracy: output 'SUM' differs by ", "\"state\":\"REJECTED\"");
        assertThat(entry().resolve("REJECTED")).content().contains("at most 1.00 % may be");
    }

    @Test
    void putsAnEngineBesideItsModelIntoAVersion() {
        var version = folder.resolve("models/m/2");

        assertThat(build("--output", version)).as(said()).isZero();
        assertThat(version).isDirectoryContaining("glob:**/{model.plan,engine.json}");
        assertThat(version.resolve("model.onnx")).hasSameBinaryContentAs(model);
        assertThat(build("--output", version)).isEqualTo(1);
        assertThat(build("--output", version, "--replace")).isZero();
        assertThat(engine.builds()).isOne();
        assertThat(said()).contains("OUTPUT_EXISTS: ");
    }

    @Test
    void keepsTheWeightsThatLieBesideTheModelAndReadsNoneFromElsewhere() throws IOException {
        SmallModel.withWeightsBeside(model);
        assertThat(build("--output", folder.resolve("out"))).as(said()).isZero();
        for (var kept : List.of(entry(), folder.resolve("out"))) {
            assertThat(kept.resolve("weights/w")).hasBinaryContent(new byte[16]);
        }

        Files.move(folder.resolve("weights/w"), folder.resolve("w"));
        assertThat(build()).isEqualTo(1);
        var elsewhere = Files.readString(model, StandardCharsets.ISO_8859_1).replace("weights/w", "../x/../w");
        Files.writeString(model, elsewhere, StandardCharsets.ISO_8859_1);
        assertThat(build()).isEqualTo(1);
        assertThat(said())
                .contains("EXTERNAL_DATA_MISSING: tensor 'W' lies in weights/w", "EXTERNAL_DATA_OUTSIDE: tensor 'W'");
    }

    @Test
    void namesTheNodeThatTensorRtDoesNotTake() throws IOException {
        SmallModel.relu(model);

        assertThat(build()).isEqualTo(1);

        assertThat(said())
                .contains(
                        "UNSUPPORTED_NODE: TensorRT does not take the model: Relu at node 'only' (number 0): "
                                + "UNSUPPORTED_NODE: No importer registered for op: Relu; TensorRT has no such operator; export it")
                .doesNotContain("Exception");
        assertThat(entries()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "'A=1x4',PROFILE_MISMATCH,leaves out input 'B'",
        "'A=1x4,B=1x5',PROFILE_MISMATCH,'gives input ''B'' [1,5], which it does not take'",
        "'A=1x4,B=1x4,C=1x4',PROFILE_MISMATCH,'names ''C'', which is no input'"
    })
    void refusesAProfileThatIsNotForTheModel(String profile, String code, String why) throws IOException {
        assertThat(build("--profile=" + profile)).isEqualTo(1);
        assertThat(said())
                .contains(code + ": the profile ", why, "the model has the inputs [A FLOAT[?, 4], B FLOAT[?, 4]]");
        assertThat(entries()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"A=4x4:2x4:8x4,no dimension may shrink", "A=x,is no range of shapes", "A=4x4:2,no dimension may shrink"
    })
    void refusesARangeThatIsNone(String profile, String why) {
        assertThat(build("--profile=" + profile)).isEqualTo(2);
        assertThat(said()).contains("--profile: ", why);
    }

    @ParameterizedTest
    @CsvSource({
        "IBuilder::buildSerializedNetwork,2,cudaErrorMemoryAllocation",
        "IRuntime::deserializeCudaEngine,1,cudaErrorInvalidValue",
        "ICudaEngine::createExecutionContext,2,cudaErrorMemoryAllocation",
        "IExecutionContext::enqueueV3,98,cudaErrorInvalidDeviceFunction"
    })
    void leavesNothingOfABuildThatFailed(String call, int code, String name) throws IOException {
        engine.fail(call, code, name);

        assertThat(build()).isEqualTo(1);
        assertThat(said()).contains("NOT_BUILDABLE: ", call + " failed: " + name);
        assertThat(entries()).isEmpty();

        assertThat(build()).as(said()).isZero();
        assertThat(entry().resolve("model.plan")).exists();
    }

    @Test
    void buildsAnewWhatWasDamaged() throws IOException {
        build();
        Files.writeString(entry().resolve("model.plan"), "half of it");

        assertThat(build()).as(said()).isZero();
        assertThat(engine.builds()).isEqualTo(2);
        assertThat(entry().resolve("model.plan")).content().endsWith("end\n");
    }

    @Test
    void saysWhichFileIsNoModel() throws IOException {
        Files.writeString(model, "no model");
        assertThat(build()).isEqualTo(1);
        byte[] whole = Files.readAllBytes(SmallModel.add(model));
        Files.write(model, java.util.Arrays.copyOf(whole, whole.length / 2));
        assertThat(build()).isEqualTo(1);
        Files.delete(model);
        assertThat(build()).isEqualTo(1);

        assertThat(said()).contains("NOT_ONNX: ", "is not a whole ONNX model", "UNREADABLE: there is no file ");
    }

    private int profile(String... more) throws IOException {
        var words = new ArrayList<>(List.of(
                "profile",
                entry().resolve("model.plan").toString(),
                "--samples",
                NpzFile.zeros(folder.resolve("samples.npz"), 4, 4, "A", "B").toString(),
                "--seconds=0.01"));
        words.addAll(List.of(more));
        return run(words);
    }

    @Test
    void runsAPlanInABareLoop() throws IOException {
        build();

        assertThat(profile("--batch=4", "--streams=2", "--json")).as(said()).isZero();
        assertThat(said())
                .containsPattern(
                        "\\{\"batch\":4,\"streams\":2,\"enqueuedPerSecond\":[1-9][0-9.E]*,"
                                + "\"enqueuedP50Micros\":[0-9.E-]+,\"copiedPerSecond\":[1-9][0-9.E]*,\"copiedP50Micros\":[0-9.E-]+}");
        assertThat(profile("--streams=2")).as(said()).isZero();
        assertThat(said()).contains("batches of 1 on 2 streams");
    }

    @Test
    void saysWhyAPlanCannotBeRunInALoop() throws IOException {
        build("--max-batch=2");

        assertThat(profile("--batch=4", "--streams=2")).isEqualTo(1);
        assertThat(profile("--batch=5")).isEqualTo(1);
        assertThat(profile("--gpu=3")).isEqualTo(1);
        engine.fail("IExecutionContext::enqueueV3", 2, "cudaErrorMemoryAllocation");
        assertThat(profile("--streams=2")).isEqualTo(1);
        Files.writeString(entry().resolve("model.plan"), "no plan");
        assertThat(profile()).isEqualTo(1);

        assertThat(said())
                .contains(
                        "PROFILE_MISMATCH: no optimisation profile of the plan takes",
                        "SAMPLES_MISMATCH: there are 4 samples and a batch is to have 5",
                        "NOT_AVAILABLE: there is no GPU 3",
                        "NOT_BUILDABLE: the plan fails to run: IExecutionContext::enqueueV3 failed: cudaErrorMemoryAllocation",
                        "NOT_BUILDABLE: TensorRT cannot load model.plan of 'the plan' version 1: PLAN_CORRUPT: ");
    }
}
