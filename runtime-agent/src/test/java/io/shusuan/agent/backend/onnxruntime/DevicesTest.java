package io.shusuan.agent.backend.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.TextFormat;
import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.RunningAgent;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.proto.ModelConfig;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is asked of GPUs, on a machine without one: all that is decided before the library's CUDA is used. */
class DevicesTest {
    private static final Set<String> WITH_GPUS =
            Set.of("TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider");
    private static final String ON_GPU = "name: \"m\" instance_group { name: \"g\" kind: KIND_GPU count: 1 } ";

    @TempDir
    private Path folder;

    private static Devices devices(String config) throws Exception {
        return Devices.of(TextFormat.parse(config, ModelConfig.class), WITH_GPUS);
    }

    private static String accelerator(String name, String parameters) {
        return "optimization { execution_accelerators { gpu_execution_accelerator { name: \"" + name + "\" "
                + parameters + " } } }";
    }

    private static String parameter(String name, String value) {
        return "parameters { key: \"" + name + "\" value: \"" + value + "\" } ";
    }

    @Test
    void placesEachInstance() throws Exception {
        var devices = devices("name: \"m\" instance_group { kind: KIND_GPU gpus: 1 count: 2 } "
                + "instance_group { kind: KIND_CPU count: 1 } instance_group { kind: KIND_GPU count: 1 }");

        assertThat(devices.gpus())
                .containsExactly(OptionalInt.of(1), OptionalInt.of(1), OptionalInt.empty(), OptionalInt.of(0));
        assertThat(devices.onProcessor()).isFalse();
        assertThat(devices).hasToString(", GPUs [1, 1, 0]");
    }

    @Test
    void passesParametersOnUnderOnnxRuntimesNames() throws Exception {
        var parameters = parameter("precision_mode", "FP16")
                + parameter("max_workspace_size_bytes", "1073741824")
                + parameter("trt_builder_optimization_level", "5");

        var devices = devices(ON_GPU + accelerator("tensorrt", parameters));

        assertThat(devices.accelerators())
                .singleElement()
                .isEqualTo(new Devices.Accelerator(
                        Provider.TENSORRT,
                        java.util.Map.of(
                                "trt_fp16_enable", "1",
                                "trt_max_workspace_size", "1073741824",
                                "trt_builder_optimization_level", "5")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gpus: [0, 1]|tensorrt|trt_x|1|instance_group 'g' of 'm' names the GPUs [0, 1]: write one group for each",
                "''|directml|x|1|gpu_execution_accelerator 'directml' of 'm' is unknown; cuda and tensorrt are known",
                "''|tensorrt|precision_mode|FP4|has precision_mode 'FP4'; FP32, FP16 and INT8 are known",
                "''|tensorrt|oops|1|does not know the parameter 'oops'; precision_mode"
            })
    void refusesWhatNobodyHas(String group, String accelerator, String parameter, String value, String why) {
        var config = "name: \"m\" instance_group { name: \"g\" kind: KIND_GPU count: 1 " + group + " } "
                + accelerator(accelerator, parameter(parameter, value));

        assertThatThrownBy(() -> devices(config))
                .isInstanceOf(LoadException.class)
                .hasMessageContaining(why);
    }

    @Test
    void refusesWhatIsForAGpuAndWouldRunOnTheProcessor() {
        assertThatThrownBy(() ->
                        devices("name: \"m\" instance_group { kind: KIND_CPU count: 1 }" + accelerator("tensorrt", "")))
                .hasMessageContaining("is for instances on a GPU, and there is none: write KIND_GPU");
        assertThatThrownBy(() -> devices("name: \"m\" instance_group { name: \"g\" kind: KIND_CPU gpus: 1 count: 1 }"))
                .hasMessageContaining("instance_group 'g' of 'm' names the GPUs [1] and is no KIND_GPU: write it");
    }

    /** The ONNX Runtime of the distribution, which has no CUDA. */
    @Test
    void saysWhatThisOnnxRuntimeLacksAndHowToMendIt() throws Exception {
        var repository = new ModelRepository(folder)
                .onnx("gpu", 1, "identity")
                .config("gpu", "instance_group { kind: KIND_GPU }")
                .onnx("rt", 1, "identity")
                .config("rt", accelerator("tensorrt", ""))
                .onnx("cpu", 1, "identity");
        try (var agent = RunningAgent.serving(repository, "--exit-on-error=false")) {
            assertThat(agent.post("/v2/repository/index", "{}").body())
                    .contains("instance_group 'gpu_0' of 'gpu' has KIND_GPU, and CUDA is not part of this ONNX Runtime")
                    .contains("'rt' has KIND_GPU, and CUDA is not part of this ONNX Runtime")
                    .contains(": start the agent with the libraries of onnxruntime_gpu (SHUSUAN_AGENT_JAVA_OPTS=")
                    .contains("\"name\":\"cpu\",\"version\":\"1\",\"state\":\"READY\"");
        }
    }
}
