package io.shusuan.agent.backend.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.TensorInfo;
import com.google.protobuf.TextFormat;
import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.backend.NativeHandle;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each function that is bound by its place does what its name says: as ONNX Runtime's Java API sees the same, as ONNX Runtime's own log
 * tells it, or by its result, for what a run calls in {@link OnnxModelTest}. None is left out.
 */
class OrtApiTest {
    private static final CountedApi api = new CountedApi();
    private static final OnnxRuntime engine = api.engine();
    private static final Map<DataType, String> ONNX_NAMES = Map.of(
            DataType.FP16, "FLOAT16",
            DataType.BF16, "BFLOAT16",
            DataType.FP32, "FLOAT",
            DataType.FP64, "DOUBLE",
            DataType.BYTES, "STRING");

    @TempDir
    private static Path folder;

    private static String model(String name) {
        new ModelRepository(folder).onnx(name, 1, name);
        return folder.resolve(name).resolve("1/model.onnx").toString();
    }

    private static NativeHandle options(String config) throws Exception {
        return SessionSettings.options(engine, TextFormat.parse(config, ModelConfig.class), new Threads(1, 1));
    }

    private static String parameter(String name, String value) {
        return "parameters { key: \"" + name + "\" value: { string_value: \"" + value + "\" } } ";
    }

    @AfterAll
    static void eachFunctionWasCalled() throws Exception {
        try (var model = OpenModel.of(engine, folder, "split");
                var request = OpenModel.request(text())) {
            model.run(text());
            request.cancel();
            assertThatThrownBy(() -> model.instance().run(request)).isInstanceOf(ServingException.class);
        }
        try (var model = OpenModel.of(engine, folder, "nonzero")) {
            assertThat(model.run(OpenModel.floats("X", Shape.of(2), 0, 5))).containsKey("INDICES[1,1]");
        }
        assertThat(OrtFunction.values())
                .allSatisfy(function ->
                        assertThat(api.calls(function)).as(function.name()).isPositive());
    }

    private static Tensor text() {
        return OpenModel.tensor("TEXT", DataType.BYTES, Shape.of(1), new byte[] {1, 0, 0, 0, 'a'});
    }

    @Test
    void isTheLibraryTheJavaApiHas() {
        var java = OnnxRuntimeLibrary.environment();

        assertThat(engine.version()).isEqualTo(java.getVersion());
        assertThat(engine.availableProviders())
                .containsExactlyInAnyOrderElementsOf(OrtEnvironment.getAvailableProviders().stream()
                        .map(OrtProvider::getName)
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"identity", "add_sub", "all_types", "nonzero", "unsigned", "split", "scalar", "slow", "ragged"})
    void tellsInputsAndOutputsAsTheJavaApiDoes(String name) throws Exception {
        try (var options = engine.sessionOptions();
                var session = engine.session(model(name), options, () -> {});
                var java = OnnxRuntimeLibrary.environment().createSession(model(name))) {
            assertThat(ModelTensor.inputs(engine, session.address()))
                    .extracting(OrtApiTest::told)
                    .containsExactlyElementsOf(java.getInputInfo().entrySet().stream()
                            .map(input -> told(input.getKey(), (TensorInfo)
                                    input.getValue().getInfo()))
                            .toList());
            assertThat(ModelTensor.outputs(engine, session.address()))
                    .extracting(OrtApiTest::told)
                    .containsExactlyElementsOf(java.getOutputInfo().entrySet().stream()
                            .map(output -> told(output.getKey(), (TensorInfo)
                                    output.getValue().getInfo()))
                            .toList());
        }
    }

    private static String told(ModelTensor tensor) {
        return tensor.name() + " "
                + ONNX_NAMES.getOrDefault(tensor.type(), tensor.type().name())
                + Arrays.toString(tensor.shape().toArray()) + tensor.dimensionNames();
    }

    private static String told(String name, TensorInfo info) {
        return name + " " + info.onnxType.name().substring("ONNX_TENSOR_ELEMENT_DATA_TYPE_".length())
                + Arrays.toString(info.getShape()) + List.of(info.getDimensionNames());
    }

    /** As the session that is made with them logs them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "execution_mode|0|execution_mode:0 |enable_mem_pattern:1 |enable_cpu_mem_arena:1 ",
                "execution_mode|1|execution_mode:1 |enable_mem_pattern:1 |enable_cpu_mem_arena:1 ",
                "enable_mem_pattern|0|execution_mode:0 |enable_mem_pattern:0 |enable_cpu_mem_arena:1 ",
                "enable_mem_arena|0|execution_mode:0 |enable_mem_pattern:1 |enable_cpu_mem_arena:0 ",
                "session.disable_prepacking|1|execution_mode:0 |enable_mem_pattern:1 |session.disable_prepacking: 1"
            })
    void setsWhatASessionIsMadeWith(String name, String value, String mode, String pattern, String other)
            throws Exception {
        try (var options = options(parameter(name, value))) {
            assertThat(SessionLog.of(engine, options, model("identity"))).contains(mode, pattern, other);
        }
    }

    @Test
    void setsTheOtherOfTwo() throws Exception {
        try (var options = options(parameter("enable_mem_pattern", "0") + parameter("enable_mem_arena", "0"))) {
            api.call(OrtFunction.ENABLE_MEM_PATTERN, options.address());
            assertThat(SessionLog.of(engine, options, model("identity")))
                    .contains("enable_mem_pattern:1 ", "enable_cpu_mem_arena:0 ");
            api.call(OrtFunction.ENABLE_CPU_MEM_ARENA, options.address());
            assertThat(SessionLog.of(engine, options, model("identity"))).contains("enable_cpu_mem_arena:1 ");
        }
    }

    @ParameterizedTest
    @CsvSource({"-1,0", "1,1", "2,2", "0,4"})
    void setsTheOptimisationLevel(int asked, int logged) throws Exception {
        try (var options = options("optimization { graph { level: " + asked + " } }")) {
            assertThat(SessionLog.of(engine, options, model("identity")))
                    .contains("graph_optimization_level:" + logged + " ");
        }
    }

    @Test
    void setsTheNumberOfThreads() throws Exception {
        try (var options = SessionSettings.options(engine, ModelConfig.getDefaultInstance(), new Threads(3, 2))) {
            assertThat(SessionLog.of(engine, options, model("identity")))
                    .contains(
                            "intra_op_param:OrtThreadPoolParams { thread_pool_size: 3 ",
                            "inter_op_param:OrtThreadPoolParams { thread_pool_size: 2 ");
        }
    }

    @Test
    void turnsAStatusIntoACodeAndWhatTheEngineSaid() throws Exception {
        var garbage = Files.writeString(folder.resolve("garbage.onnx"), "this is no model");
        long released = api.calls(OrtFunction.RELEASE_STATUS);
        try (var options = engine.sessionOptions()) {
            assertThatThrownBy(() -> engine.session(garbage.toString(), options, () -> {}))
                    .isInstanceOfSatisfying(OrtRefusal.class, refused -> {
                        assertThat(refused.code()).isEqualTo(7);
                        assertThat(refused.said()).contains("garbage.onnx", "Protobuf parsing failed");
                    });
            assertThatThrownBy(() -> engine.session("/nowhere/model.onnx", options, () -> {}))
                    .isInstanceOfSatisfying(OrtRefusal.class, refused -> {
                        assertThat(refused.code()).isEqualTo(3);
                        assertThat(refused.said()).contains("File doesn't exist");
                    });
        }
        assertThat(api.calls(OrtFunction.RELEASE_STATUS)).isEqualTo(released + 2);
    }

    /** What a build without them can tell: it knows each by its name. */
    @ParameterizedTest
    @EnumSource
    void knowsProvidersThatHaveOptionsOfTheirOwn(ProviderOptions provider) {
        var name = provider == ProviderOptions.CUDA ? "CUDA" : provider == ProviderOptions.DNNL ? "oneDNN" : "TensorRT";
        var appended = provider == ProviderOptions.DNNL
                ? "Failed to load library"
                : "OrtSessionOptionsAppendExecutionProvider_"
                        + (provider == ProviderOptions.CUDA ? "Cuda" : "TensorRT");
        try (var options = engine.sessionOptions()) {
            assertThatThrownBy(() -> provider.append(engine, options, Map.of()))
                    .hasMessageContaining(name + " execution provider is not enabled in this build");
            assertThatThrownBy(() -> api.call(OrtFunction.valueOf("UPDATE_" + provider + "_OPTIONS"), 0, 0, 0, 0))
                    .hasMessageContaining(name + " execution provider is not enabled in this build");
            assertThatThrownBy(() -> api.call(OrtFunction.valueOf("APPEND_" + provider), options.address(), 0))
                    .hasMessageContaining(appended);
            api.release(OrtFunction.valueOf("RELEASE_" + provider + "_OPTIONS"), 0);
        }
    }

    @Test
    void addsProvidersByName() {
        try (var options = engine.sessionOptions()) {
            assertThatThrownBy(() -> ProviderOptions.append(engine, options, "XNNPACK", Map.of("a", "b")))
                    .hasMessageContaining("XNNPACK execution provider is not supported in this build");
            assertThatThrownBy(() -> ProviderOptions.append(engine, options, "Nobody", Map.of()))
                    .hasMessageContaining("Unknown provider name 'Nobody'");
            ProviderOptions.append(engine, options, "CPU", Map.of());
        }
    }
}
