package io.shusuan.agent.backend.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.RunningAgent;
import io.shusuan.agent.backend.gpu.Gpus;
import io.shusuan.agent.backend.gpu.MemoryState;
import io.shusuan.agent.backend.gpu.MemoryUse;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ONNX Runtime's share of the GPUs, with CUDA pretended: what is asked of it before it is used, and what its errors lead to. */
class OnnxGpuTest {
    private static final long MIB = 1 << 20;
    private static final String ROW =
            "{\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[1,16],\"datatype\":\"FP32\",\"data\":[" + "1,".repeat(15)
                    + "1]}]}";
    private static final String ILLEGAL = "Non-zero status code returned while running Identity node. Name:'' Status "
            + "Message: CUDA error executing cudaStreamSynchronize: CUDA failure 700: an illegal memory access was "
            + "encountered ; GPU=0 ; hostname=h ; file=cuda_call.cc ; line=121";

    @TempDir
    private Path folder;

    private final PretendedCuda cuda = new PretendedCuda();
    private final Gpus gpus = new Gpus();
    private CudaMemory memory = _ -> new MemoryState(4096 * MIB, 4096 * MIB);

    private RunningAgent serving(ModelRepository repository, String... flags) throws InterruptedException {
        return RunningAgent.serving(
                repository, new OnnxRuntimeBackend(2, cuda::engine, gpus, gpu -> memory.of(gpu)), flags);
    }

    private ModelRepository model(String name, String more) {
        return new ModelRepository(folder).onnx(name, 1, "identity").config(name, more);
    }

    private static String limited(long mebibytes) {
        return "instance_group { kind: KIND_GPU } optimization { execution_accelerators { gpu_execution_accelerator { "
                + "name: \"cuda\" parameters { key: \"gpu_mem_limit\" value: \"" + mebibytes * MIB + "\" } } } }";
    }

    private static HttpResponse<String> infer(RunningAgent agent, String model) throws Exception {
        return agent.post("/v2/models/" + model + "/infer", ROW);
    }

    private static HttpResponse<String> load(RunningAgent agent, String model) throws Exception {
        return agent.post("/v2/repository/models/" + model + "/load", "{}");
    }

    @Test
    void refusesWhatDoesNotFitWithTheNumbersAndLeavesTheOthers() throws Exception {
        model("m", limited(2048));
        try (var agent = serving(model("large", limited(3072)), "--model-control-mode=explicit", "--load-model=m")) {
            assertThat(cuda.options())
                    .containsExactly(Map.of("device_id", "0", "gpu_mem_limit", Long.toString(2048 * MIB)));
            assertThat(agent.metrics())
                    .contains("shusuan_model_gpu_memory_bytes{model=\"m\",version=\"1\",gpu=\"0\"} " + 2048 * MIB);

            var refused = load(agent, "large");

            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body())
                    .contains("GPU_MEMORY_EXCEEDED: 'large' version 1 takes 3072.0 MiB (arena 3072.0 MiB) of memory on "
                            + "GPU 0, and 1843.2 MiB are free of a budget of 3891.2 MiB (95 % of 4096.0 MiB)")
                    .contains("'m' version 1 holds 2048.0 MiB (arena 2048.0 MiB)");
            assertThat(cuda.options()).as("no session was made for it").hasSize(1);
            assertThat(infer(agent, "m").statusCode()).isEqualTo(200);
            agent.post("/v2/repository/models/m/unload", "{}");
            // its memory comes back once it has ended, which its caller does not wait for
            await().untilAsserted(
                            () -> assertThat(load(agent, "large").statusCode()).isEqualTo(200));
        }
    }

    /** Both engines count in one budget. */
    @Test
    void leavesWhatTensorRtHas() throws Exception {
        try (var share = gpus.memory().take(0, "'plan' version 1", part("weights", 3000 * MIB), memory.of(0));
                var agent = serving(model("m", limited(1024)), "--exit-on-error=false")) {
            assertThat(share.told().bytes()).isEqualTo(3000 * MIB);
            assertThat(agent.post("/v2/repository/index", "{}").body())
                    .contains("'plan' version 1 holds 3000.0 MiB (weights 3000.0 MiB)");
        }
    }

    private static MemoryUse part(String what, long bytes) {
        return new MemoryUse(new MemoryUse.Part(what, bytes));
    }

    /** What the configuration does not bound is bounded all the same, each instance's by itself. */
    @Test
    void boundsEachInstance() throws Exception {
        try (var agent = serving(model("m", "instance_group { kind: KIND_GPU count: 2 }"))) {
            assertThat(cuda.options())
                    .hasSize(2)
                    .allSatisfy(told -> assertThat(Long.parseLong(told.getOrDefault("gpu_mem_limit", "0")))
                            .isBetween(1024 * MIB, 1025 * MIB));
            assertThat(agent.metrics()).containsPattern("shusuan_model_gpu_memory_bytes\\{[^}]*gpu=\"0\"} 21\\d{8}\n");
        }
    }

    @Test
    void refusesALimitThatIsNone() throws Exception {
        try (var agent = serving(model("m", limited(1).replace(Long.toString(MIB), "2GB")), "--exit-on-error=false")) {
            assertThat(agent.post("/v2/repository/index", "{}").body())
                    .contains("gpu_mem_limit is '2GB'; a number of bytes is wanted, more than 0");
        }
    }

    @Test
    void takesALostGpusInstancesOut() throws Exception {
        model("cpu", "");
        try (var agent = serving(model("m", limited(1024)), "--gpu-failure-policy=stay")) {
            assertThat(infer(agent, "m").statusCode()).isEqualTo(200);
            cuda.failWith(ILLEGAL);

            assertThat(infer(agent, "m").statusCode()).isEqualTo(503);
            cuda.goOn();

            var later = infer(agent, "m");
            assertThat(later.statusCode()).isEqualTo(503);
            assertThat(later.body())
                    .contains("GPU_LOST: GPU 0 is lost to this agent until it is restarted: onnx runtime error 6: ")
                    .contains("CUDA failure 700: an illegal memory access was encountered");
            assertThat(agent.get("/v2/models/m/ready").statusCode()).isEqualTo(400);
            assertThat(agent.post("/v2/repository/index", "{}").body()).contains("\"reason\":\"GPU_LOST: GPU 0");
            assertThat(infer(agent, "cpu").statusCode()).isEqualTo(200);
            assertThat(agent.metrics()).contains("shusuan_gpu_lost{gpu=\"0\"} 1");
        }
    }

    /** The agent takes no more requests: whoever runs it ends it. */
    @Test
    void isNotReadyOnceItIsToEnd() throws Exception {
        try (var agent = serving(model("m", limited(1024)))) {
            assertThat(agent.get("/v2/health/ready").statusCode()).isEqualTo(200);
            cuda.failWith(ILLEGAL);
            infer(agent, "m");
            assertThat(agent.get("/v2/health/ready").statusCode()).isEqualTo(400);
        }
    }

    /** Of an error in a library over CUDA nobody can tell by its words what it is; CUDA can. */
    @Test
    void asksCudaWhereTheWordsDoNotTell() throws Exception {
        try (var agent = serving(model("m", limited(1024)), "--gpu-failure-policy=stay")) {
            cuda.failWith("CUBLAS failure 13: CUBLAS_STATUS_EXECUTION_FAILED ; GPU=0");
            assertThat(infer(agent, "m").statusCode()).isEqualTo(500);
            assertThat(agent.get("/v2/models/m/ready").statusCode()).isEqualTo(200);

            memory = _ -> {
                throw CudaFailure.of("cudaMemGetInfo", 719, "cudaErrorLaunchFailure", "unspecified launch failure");
            };

            assertThat(infer(agent, "m").statusCode()).isEqualTo(503);
            assertThat(infer(agent, "m").body())
                    .contains("GPU_LOST: GPU 0", "cudaMemGetInfo failed: cudaErrorLaunchFailure (719)");
        }
    }

    @ParameterizedTest
    @CsvSource({"CUDA failure 2: out of memory", "Available memory of 1 is smaller than requested bytes of 2"})
    void failsOnlyTheRequestWhereTheGpuGoesOn(String words) throws Exception {
        try (var agent = serving(model("m", limited(1024)))) {
            cuda.failWith(words);
            var failed = infer(agent, "m");
            assertThat(failed.statusCode()).isEqualTo(500);
            assertThat(failed.body()).contains(words);
            cuda.goOn();
            assertThat(infer(agent, "m").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void saysThatCudaIsMissing() throws Exception {
        memory = new CudaRuntime();
        try (var agent = serving(model("m", limited(1024)), "--exit-on-error=false")) {
            assertThat(agent.post("/v2/repository/index", "{}").body())
                    .contains(
                            "'m' version 1 cannot run on GPU 0: none of [libcudart.so.13, libcudart.so.12] can be loaded");
        }
    }
}
