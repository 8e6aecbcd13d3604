package io.shusuan.agent.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.RunningAgent;
import io.shusuan.agent.backend.gpu.Gpus;
import io.shusuan.agent.backend.gpu.MemoryBudget;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What fits on a GPU is loaded; what does not is refused with the numbers, and what is served there stays. */
class TensorRtMemoryTest {
    private static final int MIB = 1 << 20;
    private static final String[] EXPLICIT = {"--model-control-mode=explicit", "--load-model=m"};

    @TempDir
    private Path folder;

    private final HostEngine engine = new HostEngine();
    private Map<Integer, Double> limits = Map.of();

    private ModelRepository model(String name, String plan, String config) {
        return new ModelRepository(folder)
                .config(name, "backend: \"tensorrt\" max_batch_size: 8 " + config)
                .file(name + "/1/model.plan", plan);
    }

    private RunningAgent serving(ModelRepository repository, String... flags) throws InterruptedException {
        return RunningAgent.serving(
                repository,
                new TensorRtBackend(() -> engine, new Gpus(new MemoryBudget(limits)), PluginLibraries.NONE, null),
                flags);
    }

    private static HttpResponse<String> load(RunningAgent agent, String model) throws Exception {
        return agent.post("/v2/repository/models/" + model + "/load", "{}");
    }

    private static void assertServes(RunningAgent agent, String model) throws Exception {
        assertThat(agent.post("/v2/models/" + model + "/infer", AddPlan.body(8, 1, 2))
                        .body())
                .endsWith(AddPlan.sums(8, 3));
    }

    @AfterEach
    void nothingIsLeft() {
        engine.assertNothingLeft();
        assertThat(engine.memoryInUse(0)).isZero();
    }

    @Test
    void refusesWhatDoesNotFitWithTheNumbersAndLeavesTheOthers() throws Exception {
        engine.memory(20 * MIB);
        model("m", AddPlan.taking(8 * MIB, MIB), "instance_group { count: 2 }");
        try (var agent = serving(model("large", AddPlan.taking(9 * MIB, 256), ""), EXPLICIT)) {
            var before = engine.handles();

            var answer = load(agent, "large");

            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body())
                    .contains(
                            "GPU_MEMORY_EXCEEDED: 'large' version 1 takes 9.0 MiB (weights 9.0 MiB, contexts 0.0 MiB, "
                                    + "tensors 0.0 MiB) of memory on GPU 0")
                    .contains("and 9.0 MiB are free of a budget of 19.0 MiB (95 % of 20.0 MiB)")
                    .contains("'m' version 1 holds 10.0 MiB (weights 8.0 MiB, contexts 2.0 MiB");
            assertThat(engine.handles()).isEqualTo(before);
            assertServes(agent, "m");
        }
    }

    @Test
    void countsBothVersionsWhileOneTakesTheOthersPlace() throws Exception {
        engine.memory(20 * MIB);
        try (var agent = serving(model("m", AddPlan.taking(12 * MIB, MIB), ""), EXPLICIT)) {
            model("m", AddPlan.taking(8 * MIB, MIB), "");

            assertThat(load(agent, "m").body()).contains("GPU_MEMORY_EXCEEDED", "'m' version 1 holds 13.0 MiB");
            assertServes(agent, "m");
            assertThat(taken(agent)).isBetween(13L * MIB, 14L * MIB);

            model("m", AddPlan.taking(4 * MIB, MIB), "");
            assertThat(load(agent, "m").statusCode()).isEqualTo(200);
            assertServes(agent, "m");
            // the share of the one before is given back, so that what did not fit does now
            Awaitility.await().until(() -> engine.memoryInUse(0) < 6 * MIB);
            model("m", AddPlan.taking(11 * MIB, MIB), "");
            assertThat(load(agent, "m").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void countsWhatAllInstancesComputeWithBeforeOneIsMade() throws Exception {
        engine.memory(20 * MIB);
        var repository = model("m", AddPlan.taking(MIB, 3 * MIB), "instance_group { count: 6 }");
        try (var agent = serving(repository, "--exit-on-error=false")) {
            assertThat(agent.post("/v2/repository/index", "{}").body())
                    .contains("'m' version 1 takes 19.0 MiB (weights 1.0 MiB, contexts 18.0 MiB, tensors 0.0 MiB)");
            assertThat(engine.order()).as("nothing ran").isEmpty();
            assertThat(engine.memoryInUse(0)).isZero();
        }
    }

    /** Where the plan is smaller than what its weights take, the engine finds that out. */
    @Test
    void saysWhoHoldsTheMemoryThatTheWeightsDoNotFindAnyMore() throws Exception {
        engine.memory(20 * MIB);
        model("m", AddPlan.taking(12 * MIB, MIB), "");
        var packed = AddPlan.TEXT.replace("add\n", "add\nmemory " + 9 * MIB + " 256\n");
        try (var agent = serving(model("packed", packed, ""), EXPLICIT)) {
            assertThat(load(agent, "packed").body())
                    .contains("PLAN_NO_MEMORY", "out of memory", "'m' version 1 holds 13.0 MiB");
            assertServes(agent, "m");
        }
    }

    @Test
    void leavesWhatTheLimitSays() throws Exception {
        engine.memory(20 * MIB);
        limits = Map.of(0, 0.5);
        try (var agent = serving(model("m", AddPlan.taking(11 * MIB, 256), ""), "--exit-on-error=false")) {
            assertThat(agent.post("/v2/repository/index", "{}").body())
                    .contains("10.0 MiB are free of a budget of 10.0 MiB (50 % of 20.0 MiB); no other model holds any");
        }
    }

    @Test
    void refusesWhatOtherProcessesLeaveNoRoomFor() throws Exception {
        engine.memory(20 * MIB);
        engine.occupy(15 * MIB);
        try (var agent = serving(model("m", AddPlan.taking(4 * MIB, 4 * MIB), ""), "--exit-on-error=false")) {
            assertThat(agent.post("/v2/repository/index", "{}").body())
                    .contains("the GPU has only 1.0 MiB of 20.0 MiB left", "End what else runs on the GPU");
        }
        engine.occupy(-15 * MIB);
    }

    /** All that two runs at once with the largest tensors take was counted before. */
    @Test
    void takesNoMoreThanWasCounted() throws Exception {
        try (var agent = serving(model("m", AddPlan.taking(MIB, MIB), "instance_group { count: 2 }"))) {
            var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
            for (int i = 0; i < 40; i++) {
                answers.add(agent.postLater("/v2/models/m/infer", AddPlan.body(8, i, 1)));
            }
            for (int i = 0; i < 40; i++) {
                assertThat(answers.get(i).get().body()).endsWith(AddPlan.sums(8, i + 1));
            }
            long counted = taken(agent);
            assertThat(engine.memoryInUse(0)).isBetween(3L * MIB, counted);
            assertThat(counted).isLessThan(3 * MIB + 8192);
            assertThat(agent.metrics())
                    .contains("shusuan_model_gpu_memory_bytes{model=\"m\",version=\"1\",gpu=\"0\"} " + counted)
                    .contains("shusuan_gpu_memory_budget_bytes{gpu=\"0\"} " + (long) (HostCuda.USUAL_MEMORY * 0.95));
        }
    }

    private static long taken(RunningAgent agent) throws Exception {
        var told = Pattern.compile("\"memory_usage\":\\[\\{\"type\":\"GPU\",\"id\":0,\"byte_size\":(\\d+)}]")
                .matcher(agent.get("/v2/models/m/stats").body());
        assertThat(told.find()).isTrue();
        return Long.parseLong(told.group(1));
    }

    /** The contexts of several profiles run one after the other, so they need the memory of one. */
    @Test
    void givesAllProfilesOfAnInstanceOneMemory() throws Exception {
        var plan = AddPlan.taking(0, MIB).replace("1,4/2,4/8,4", "1,4/1,4/2,4 3,4/4,4/8,4");
        try (var agent = serving(model("m", plan, ""))) {
            assertThat(engine.handles()).containsEntry("context", 2);
            assertThat(engine.memoryInUse(0)).isEqualTo((long) MIB);
            for (int i = 0; i < 4; i++) {
                assertThat(agent.post("/v2/models/m/infer", AddPlan.body(2 + i % 2 * 6, i, 1))
                                .body())
                        .endsWith(AddPlan.sums(2 + i % 2 * 6, i + 1));
            }
            assertThat(engine.memoryInUse(0)).isLessThan(MIB + 8192);
        }
    }

    /** Sizes are counted before, but others may have taken the memory since: then one request fails and the rest goes on. */
    @Test
    void answersOneRequestWithTheErrorWhenMemoryIsGoneAllTheSame() throws Exception {
        model("m", AddPlan.taking(MIB, MIB), "");
        try (var agent = serving(model("other", AddPlan.TEXT, ""))) {
            assertServes(agent, "other");
            engine.memory(engine.memoryInUse(0));

            assertThat(agent.post("/v2/models/m/infer", AddPlan.body(8, 1, 2)).body())
                    .contains("cudaMalloc failed: cudaErrorMemoryAllocation (2): out of memory");
            assertServes(agent, "other");
            engine.memory(HostCuda.USUAL_MEMORY);
            assertServes(agent, "m");
        }
    }
}
