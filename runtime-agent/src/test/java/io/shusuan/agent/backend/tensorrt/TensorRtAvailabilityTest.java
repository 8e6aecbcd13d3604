package io.shusuan.agent.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shusuan.agent.Main;
import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.RunningAgent;
import io.shusuan.agent.backend.gpu.Gpus;
import io.shusuan.agent.backend.onnxruntime.OnnxRuntimeBackend;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.build.BuildRequest;
import io.shusuan.agent.engine.build.EngineBuild;
import io.shusuan.agent.engine.build.EngineCache;
import io.shusuan.agent.engine.build.ExpectedShapes;
import io.shusuan.agent.engine.build.Platform;
import io.shusuan.agent.engine.command.EngineProcess;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorRtAvailabilityTest {
    @TempDir
    private Path folder;

    @Test
    void tellsTheVersionsOfWhatIsThere() {
        var backend = new TensorRtBackend(() -> new HostEngine(2));

        assertThat(backend.unavailable()).isEmpty();
        assertThat(backend.version()).isEqualTo("11.2.1 (CUDA 13.3, driver 580.65.06, GPU 0 sm_90, GPU 1 sm_90)");
    }

    /** The real libraries, on a machine that has none. */
    @Test
    void saysWhatIsMissingAndLoadsTheOtherModels() throws Exception {
        Assumptions.assumeTrue(isMissing("libcuda.so.1"), "this machine has NVIDIA's driver");
        var repository = new ModelRepository(folder)
                .config("plan", "platform: \"tensorrt_plan\"")
                .file("plan/1/model.plan", "whatever")
                .onnx("onnx", 1, "identity");
        try (var agent = RunningAgent.serving(repository, "--exit-on-error=false")) {
            assertThat(agent.post("/v2/repository/index", "{}").body())
                    .contains(
                            "'plan' needs TensorRT, which is not available here: libcuda.so.1 is missing: install NVIDIA's driver")
                    .contains("\"name\":\"onnx\",\"version\":\"1\",\"state\":\"READY\"");
        }
        assertThat(new TensorRtBackend().unavailable())
                .hasValueSatisfying(why -> assertThat(why).startsWith("libcuda.so.1 is missing: "));
    }

    @Test
    void answersByOnnxRuntimeWhatHasAnOnnxFileAndSaysWhatIsMissing() throws Exception {
        Assumptions.assumeTrue(isMissing("libcuda.so.1"), "this machine has NVIDIA's driver");
        var repository = new ModelRepository(folder.resolve("models"))
                .config("m", "backend: \"tensorrt\"")
                .onnx("m", 1, "identity");
        var cache = new EngineCache(folder.resolve("cache"), 1L << 30, Clock.systemUTC());
        try (var agent = RunningAgent.serving(
                repository,
                new TensorRtBackend(new Gpus(), PluginLibraries.NONE, new OnnxRuntimeBackend(2), cache, Main.class))) {
            assertThat(agent.post("/v2/repository/index", "{}").body())
                    .contains(
                            "\"state\":\"READY\",\"reason\":\"ONNX Runtime answers: the model needs TensorRT, which is "
                                    + "not available here: libcuda.so.1 is missing: install NVIDIA's driver");
            assertThat(agent.get("/v2/models/m/ready").statusCode()).isEqualTo(200);
            assertThat(agent.metrics())
                    .contains("shusuan_model_stand_in{model=\"m\",version=\"1\",state=\"failed\"} 1");
        }
        assertThat(folder.resolve("cache")).doesNotExist();
    }

    /** The very command that an agent starts. */
    @Test
    void buildsByTheAgentsOwnCommand() throws Exception {
        Assumptions.assumeTrue(isMissing("libcuda.so.1"), "this machine has NVIDIA's driver");
        var model = SmallModel.add(folder.resolve("model.onnx"));
        var options = BuildParameters.of(ModelConfig.getDefaultInstance());
        var request = new BuildRequest(
                model,
                Optional.empty(),
                Optional.empty(),
                0,
                options,
                ExpectedShapes.of(ModelConfig.getDefaultInstance()));
        var build = EngineBuild.prepare(request, new Platform("11.2.1", "sm_90"));
        var cache = new EngineCache(folder.resolve("cache"), 1L << 30, Clock.systemUTC());

        var ending = EngineProcess.ofThisAgent(Main.class).run(build.words(cache));

        assertThat(ending.code()).isEqualTo(1);
        assertThat(ending.said())
                .startsWith("NOT_AVAILABLE: TensorRT is not available here: libcuda.so.1 is missing: ");
    }

    @Test
    void saysWhatABuildLacks() {
        Assumptions.assumeTrue(isMissing("libcuda.so.1"), "this machine has NVIDIA's driver");
        assertThatThrownBy(() -> new TensorRtBackend().builds().platform(0))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        failed -> assertThat(failed.fault()).isEqualTo(Fault.NOT_AVAILABLE))
                .hasMessageContaining(
                        "TensorRT is not available here: libcuda.so.1 is missing: install NVIDIA's driver");
        assertThatThrownBy(() -> new TensorRtBackend(HostEngine::new).builds().platform(3))
                .hasMessage("there is no GPU 3; this machine has [0]");
    }

    @Test
    void tellsALibraryThatCannotBeLoadedFromOneThatIsMissing() {
        var noLibrary =
                new ModelRepository(folder).file("liboops.so", "text").folder().resolve("liboops.so");

        assertThatThrownBy(() -> SystemLibraries.require(noLibrary.toString(), "mend it"))
                .isInstanceOf(UnavailableException.class)
                .hasMessageMatching(".*liboops.so: (file too short|invalid ELF header): mend it");
        assertThatThrownBy(() -> SystemLibraries.require("libnobody-has-this.so.9", "install it"))
                .hasMessage("libnobody-has-this.so.9 is missing: install it");
    }

    private static boolean isMissing(String library) {
        try {
            SystemLibraries.require(library, "");
            return false;
        } catch (UnavailableException missing) {
            return true;
        }
    }
}
