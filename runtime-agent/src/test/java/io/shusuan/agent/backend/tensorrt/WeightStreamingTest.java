package io.shusuan.agent.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.RunningAgent;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights of which a part stays in the host's memory: how many are on the GPU, and that the books say so. */
class WeightStreamingTest {
    private static final int MIB = 1 << 20;
    /** Inputs and outputs of two runs at once, and what else is less than a page. */
    private static final long TENSORS = 8192;

    @TempDir
    private Path folder;

    private final HostEngine engine = new HostEngine();

    @BeforeEach
    void smallGpu() {
        engine.memory(20 * MIB);
    }

    @AfterEach
    void nothingIsLeft() {
        engine.assertNothingLeft();
        assertThat(engine.memoryInUse(0)).isZero();
    }

    /** Of 12 MiB of weights 10 may be streamed; a context computes with 1 MiB. */
    private ModelRepository model(String name, int weights, int streamable, String budget) {
        var plan =
                AddPlan.taking(weights * MIB, MIB).replace("weights ", "streamable " + streamable * MIB + "\nweights ");
        var parameter = budget.isEmpty()
                ? ""
                : "parameters { key: \"weight_streaming_budget\" value { string_value: \"" + budget + "\" } }";
        return new ModelRepository(folder)
                .config(name, "backend: \"tensorrt\" max_batch_size: 8 " + parameter)
                .file(name + "/1/model.plan", plan);
    }

    private RunningAgent serving(ModelRepository repository) throws InterruptedException {
        return RunningAgent.serving(repository, new TensorRtBackend(() -> engine), "--exit-on-error=false");
    }

    private static void assertServes(RunningAgent agent, String model) throws Exception {
        assertThat(agent.post("/v2/models/" + model + "/infer", AddPlan.body(8, 1, 2))
                        .body())
                .endsWith(AddPlan.sums(8, 3));
    }

    private static String index(RunningAgent agent) throws Exception {
        return agent.post("/v2/repository/index", "{}").body();
    }

    @ParameterizedTest
    @CsvSource({"50%,5", "3M,3", "4194304,4", "0,0", "100%,10", "1G,10", "automatic,10", "'',10"})
    void keepsAsManyOnTheGpuAsItIsTold(String budget, int kept) throws Exception {
        try (var agent = serving(model("m", 12, 10, budget))) {
            assertServes(agent, "m");

            assertThat(engine.weightBudgets()).isEqualTo(List.of((long) kept * MIB));
            long takes = (2L + kept + 1) * MIB;
            assertThat(engine.memoryInUse(0)).isBetween(takes, takes + TENSORS);
            var metric = "shusuan_model_gpu_memory_bytes{model=\"m\",version=\"1\",gpu=\"0\"} ";
            var told = agent.metrics()
                    .lines()
                    .filter(line -> line.startsWith(metric))
                    .findFirst()
                    .orElseThrow();
            assertThat(Long.parseLong(told.substring(metric.length())))
                    .isBetween(engine.memoryInUse(0), takes + TENSORS);
        }
    }

    @Test
    void servesWhatIsLargerThanTheGpu() throws Exception {
        try (var agent = serving(model("m", 30, 29, "20%"))) {
            assertServes(agent, "m");
            assertThat(engine.memoryInUse(0)).isLessThan(9L * MIB);
        }
    }

    /** What others hold is theirs, and what the instances need comes first. */
    @Test
    void takesByItselfWhatOthersLeave() throws Exception {
        new ModelRepository(folder)
                .config("a", "backend: \"tensorrt\" max_batch_size: 8")
                .file("a/1/model.plan", AddPlan.taking(9 * MIB, MIB));
        try (var agent = RunningAgent.serving(
                model("m", 12, 10, "automatic"),
                new TensorRtBackend(() -> engine),
                "--model-control-mode=explicit",
                "--load-model=a")) {
            assertThat(agent.post("/v2/repository/models/m/load", "{}").statusCode())
                    .isEqualTo(200);

            assertServes(agent, "a");
            assertServes(agent, "m");
            // of 19 MiB, 10 are held by the other, 2 cannot be streamed, and a context needs 1
            assertThat(engine.weightBudgets().getLast()).isBetween(6L * MIB - 2 * TENSORS, 6L * MIB);
            assertThat(engine.memoryInUse(0)).isLessThanOrEqualTo(19L * MIB);
        }
    }

    @Test
    void refusesWhatDoesNotFitWithTheNumbers() throws Exception {
        try (var agent = serving(model("m", 30, 29, "18M"))) {
            assertThat(index(agent))
                    .contains(
                            "GPU_MEMORY_EXCEEDED: 'm' version 1 takes 20.0 MiB (weights 19.0 MiB, contexts 1.0 MiB, tensors 0.0 MiB) of memory on GPU 0")
                    .doesNotContain("READY");
        }
    }

    @Test
    void refusesABudgetWhereThePlanWasNotBuiltForIt() throws Exception {
        try (var agent = serving(model("m", 2, 0, "50%"))) {
            assertThat(index(agent))
                    .contains(
                            "WEIGHTS_NOT_STREAMABLE: 'm' has the parameter weight_streaming_budget",
                            "engine build --weight-streaming");
        }
    }

    @ParameterizedTest
    @CsvSource({"some", "-1", "101%", "3T", "99999999999999999999"})
    void refusesABudgetThatMeansNothing(String budget) throws Exception {
        try (var agent = serving(model("m", 2, 1, budget))) {
            assertThat(index(agent))
                    .contains(
                            "parameter 'weight_streaming_budget' of 'm' takes a number of bytes",
                            "not '" + budget + "'");
        }
    }

    @Test
    void namesTheCallThatFailed() throws Exception {
        engine.fail("ICudaEngine::setWeightStreamingBudgetV2", 1, "cudaErrorInvalidValue");
        try (var agent = serving(model("m", 2, 1, "50%"))) {
            assertThat(index(agent)).contains("ICudaEngine::setWeightStreamingBudgetV2 failed: cudaErrorInvalidValue");
        }
    }
}
