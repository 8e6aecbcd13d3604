package io.shusuan.agent.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.RunningAgent;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole way of a request through the agent's HTTP to an engine behind {@link NativeCalls} and back. */
class TensorRtServingTest {
    @TempDir
    private Path folder;

    private final HostEngine engine = new HostEngine();

    private RunningAgent serving(String plan, String config, String... flags) throws InterruptedException {
        return serving(
                new ModelRepository(folder)
                        .config("m", "backend: \"tensorrt\"\n" + config)
                        .file("m/1/model.plan", plan),
                flags);
    }

    private RunningAgent serving(ModelRepository repository, String... flags) throws InterruptedException {
        return RunningAgent.serving(repository, new TensorRtBackend(() -> engine), flags);
    }

    private static HttpResponse<String> add(RunningAgent agent, int rows, float a, float b) throws Exception {
        return agent.post("/v2/models/m/infer", AddPlan.body(rows, a, b));
    }

    @AfterEach
    void nothingIsLeft() {
        engine.assertNothingLeft();
    }

    @Test
    void answersARequestAndCompletesTheConfiguration() throws Exception {
        try (var agent = serving(AddPlan.TEXT, "")) {
            var answer = add(agent, 2, 1.5f, 10);

            assertThat(answer.body()).endsWith(AddPlan.sums(2, 11.5f));
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(agent.get("/v2/models/m/config").body())
                    .contains("\"platform\":\"tensorrt_plan\"", "\"max_batch_size\":4", "\"kind\":\"KIND_GPU\"")
                    .contains("\"default_model_filename\":\"model.plan\"", "\"dims\":[4]");
        }
    }

    @Test
    void takesThePlatformForTheBackend() throws Exception {
        var repository = new ModelRepository(folder)
                .config("m", "platform: \"tensorrt_plan\"")
                .file("m/1/model.plan", AddPlan.TEXT);
        try (var agent = serving(repository)) {
            assertThat(add(agent, 1, 1, 2).body()).endsWith(AddPlan.sums(1, 3));
        }
    }

    @Test
    void batchesNoMoreThanTheProfilesTake() throws Exception {
        var narrow = AddPlan.TEXT.replace("1,4/2,4/8,4", "1,4/1,4/2,4");
        try (var agent = serving(narrow, "")) {
            assertThat(agent.get("/v2/models/m/config").body()).contains("\"max_batch_size\":2");
        }
        try (var agent = serving(narrow, "max_batch_size: 3", "--exit-on-error=false")) {
            assertThat(index(agent)).contains("max_batch_size is 3 but 'm' takes at most 2");
        }
    }

    /** A batch is copied once, from the requests into pinned memory, and once back. */
    @Test
    void gathersABatchStraightIntoPinnedMemory() throws Exception {
        try (var agent = serving(
                AddPlan.TEXT,
                "max_batch_size: 8 dynamic_batching { preferred_batch_size: 8 max_queue_delay_microseconds: 10000000 }")) {
            long before = io.shusuan.agent.inference.CopiedBytes.total();
            var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
            long bodies = 0;
            for (int i = 0; i < 8; i++) {
                var body = AddPlan.body(1, i, 100);
                bodies += body.length();
                answers.add(agent.postLater("/v2/models/m/infer", body));
            }
            for (int i = 0; i < 8; i++) {
                assertThat(answers.get(i).get().body()).endsWith(AddPlan.sums(1, 100 + i));
            }
            long batch = 8 * 4 * Float.BYTES;
            assertThat(io.shusuan.agent.inference.CopiedBytes.total() - before)
                    .as("the bodies, then two inputs in, one output out")
                    .isEqualTo(bodies + 3 * batch);
            assertThat(agent.get("/v2/models/m/stats").body()).contains("\"execution_count\":1,");
        }
    }

    @Test
    void choosesTheProfileByTheShapes() throws Exception {
        var plan = AddPlan.TEXT.replace("1,4/2,4/8,4", "1,4/1,4/2,4 3,4/4,4/8,4");
        try (var agent = serving(plan, "max_batch_size: 8")) {
            assertThat(add(agent, 1, 1, 1).body()).endsWith(AddPlan.sums(1, 2));
            assertThat(add(agent, 2, 1, 1).body()).endsWith(AddPlan.sums(2, 2));
            assertThat(add(agent, 5, 1, 1).body()).endsWith(AddPlan.sums(5, 2));
            assertThat(add(agent, 8, 1, 1).body()).endsWith(AddPlan.sums(8, 2));
            assertThat(add(agent, 1, 1, 1).body()).endsWith(AddPlan.sums(1, 2));
            assertThat(engine.chosenProfiles()).containsOnly(0, 1);
        }
    }

    @Test
    void refusesAShapeThatNoProfileTakes() throws Exception {
        var plan = """
                HOST PLAN 1 sm_90
                identity
                input X FP32 -1 4/4/8
                output Y FP32 -1
                end
                """;
        try (var agent = serving(plan, "max_batch_size: 0 input { name: \"X\" data_type: TYPE_FP32 dims: -1 }")) {
            var answer = agent.post(
                    "/v2/models/m/infer",
                    "{\"inputs\":[{\"name\":\"X\",\"shape\":[2],\"datatype\":\"FP32\",\"data\":[1,2]}]}");

            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body())
                    .contains(
                            "no optimisation profile of the plan takes 'X' of shape [2]: profile 0 takes 'X' [4] to [8]");
        }
    }

    @Test
    void answersWithAShapeThatOnlyTheRunTells() throws Exception {
        var plan = """
                HOST PLAN 1 sm_90
                nonzero
                input X INT64 -1 1/4/64
                output Y INT64 -1
                end
                """;
        try (var agent = serving(plan, "max_batch_size: 0 input { name: \"X\" data_type: TYPE_INT64 dims: -1 }")) {
            assertThat(nonZero(agent, "[0,7,0,0,9]"))
                    .endsWith("\"name\":\"Y\",\"datatype\":\"INT64\",\"shape\":[2],\"data\":[1,4]}]}");
            assertThat(nonZero(agent, "[0,0,0,0,0]")).endsWith("\"shape\":[0],\"data\":[]}]}");
            assertThat(nonZero(agent, "[1,1,1,1,1]")).endsWith("\"shape\":[5],\"data\":[0,1,2,3,4]}]}");
        }
    }

    private static String nonZero(RunningAgent agent, String data) throws Exception {
        return agent.post(
                        "/v2/models/m/infer",
                        "{\"inputs\":[{\"name\":\"X\",\"shape\":[5],\"datatype\":\"INT64\",\"data\":" + data + "}]}")
                .body();
    }

    @ParameterizedTest
    @CsvSource({"FP32,4", "FP16,2", "BF16,2", "INT8,1", "UINT8,1", "INT32,4", "INT64,8", "BOOL,1"})
    void carriesEveryTypeThatTensorRtHas(String type, int size) throws Exception {
        var plan =
                "HOST PLAN 1 sm_90\nidentity\ninput X " + type + " -1,3 1,3/2,3/4,3\noutput Y " + type + " -1,3\nend\n";
        try (var agent = serving(plan, "")) {
            var sent = ByteBuffer.allocate(6 * size).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < sent.capacity(); i++) {
                sent.put((byte) (type.equals("BOOL") ? i % 2 : i + 1));
            }
            var answer = agent.postBinary(
                    "/v2/models/m/infer",
                    String.format(
                            Locale.ROOT,
                            "{\"inputs\":[{\"name\":\"X\",\"shape\":[2,3],\"datatype\":\"%s\",\"parameters\":"
                                    + "{\"binary_data_size\":%d}}],\"parameters\":{\"binary_data_output\":true}}",
                            type,
                            sent.capacity()),
                    sent.array());

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(ByteBuffer.wrap(answer.body(), answer.body().length - sent.capacity(), sent.capacity()))
                    .isEqualTo(sent.flip());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "cudaMemcpyAsync,1,cudaErrorInvalidValue",
        "cudaEventSynchronize,46,cudaErrorDevicesUnavailable",
        "IExecutionContext::enqueueV3,98,cudaErrorInvalidDeviceFunction",
        "IExecutionContext::setInputShape,1,cudaErrorInvalidValue",
        "cudaMalloc,2,cudaErrorMemoryAllocation",
        "cudaMallocHost,2,cudaErrorMemoryAllocation"
    })
    void namesTheCallThatFailedAndServesOn(String call, int code, String name) throws Exception {
        try (var agent = serving(AddPlan.TEXT, "max_batch_size: 8")) {
            engine.fail(call, code, name);

            var answer = add(agent, 8, 1, 1);

            assertThat(answer.body()).contains(call + " failed: " + name + " (" + code + "): as the test wanted");
            assertThat(answer.statusCode()).isEqualTo(500);
            assertThat(add(agent, 8, 1, 1).body()).endsWith(AddPlan.sums(8, 2));
            assertThat(agent.get("/v2/health/ready").statusCode()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'no plan at all',PLAN_CORRUPT,Magic tag does not match",
        "'HOST PLAN 2 sm_90\nadd\nend\n',PLAN_OTHER_VERSION,Serialized Engine Version: 2",
        "'HOST PLAN 1 sm_86\nadd\nend\n',PLAN_OTHER_GPU,generated on an incompatible device",
        "'HOST PLAN 1 sm_90\nadd\ninput A',PLAN_CORRUPT,truncated"
    })
    void refusesABadPlanWithItsReasonAndLoadsTheOthers(String plan, String code, String said) throws Exception {
        var repository = new ModelRepository(folder)
                .config("m", "backend: \"tensorrt\"")
                .file("m/1/model.plan", AddPlan.TEXT)
                .config("bad", "backend: \"tensorrt\"")
                .file("bad/1/model.plan", plan);
        try (var agent = serving(repository, "--exit-on-error=false")) {
            assertThat(index(agent))
                    .contains("TensorRT cannot load model.plan of 'bad' version 1: " + code)
                    .contains("IRuntime::deserializeCudaEngine failed: ", said);
            assertThat(add(agent, 1, 1, 1).statusCode()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "instance_group { kind: KIND_CPU },has KIND_CPU",
        "instance_group { kind: KIND_GPU gpus: 7 },names GPU 7; this machine has [0]",
        "'instance_group { kind: KIND_GPU gpus: [0,1] }',write one group for each",
        "'parameters { key: \"streams\" value { string_value: \"2\" } }',means nothing to the tensorrt backend",
        "default_model_filename: \"gone.plan\",has no file gone.plan"
    })
    void refusesWhatCannotBeHonoured(String config, String why) throws Exception {
        try (var agent = serving(AddPlan.TEXT, config, "--exit-on-error=false")) {
            assertThat(index(agent)).contains(why);
        }
    }

    @Test
    void refusesAModelThatDoesNotFitTheGpuAndLeavesNothingOfIt() throws Exception {
        engine.fail("cudaMalloc", 2, "cudaErrorMemoryAllocation");
        try (var agent = serving(AddPlan.TEXT, "", "--exit-on-error=false")) {
            assertThat(index(agent))
                    .contains("instance 0 of 'm' cannot be made on GPU 0: cudaMalloc failed: "
                            + "cudaErrorMemoryAllocation (2)");
            assertThat(engine.handles()).isEmpty();
        }
    }

    @Test
    void freesNothingUnderARunningRequest() throws Exception {
        try (var agent = serving(AddPlan.TEXT, "", "--model-control-mode=explicit", "--load-model=m")) {
            var gate = engine.hold();
            var running = agent.postLater("/v2/models/m/infer", AddPlan.body(1, 1, 1));
            engine.awaitHeld();

            assertThat(agent.post("/v2/repository/models/m/unload", "{}").statusCode())
                    .isEqualTo(200);
            assertThat(engine.handles()).containsEntry("engine", 1).containsEntry("context", 1);
            gate.countDown();

            assertThat(running.get().body()).endsWith(AddPlan.sums(1, 2));
            awaitHandles(0);
        }
    }

    @Test
    void leaksNothingOver500Reloads() throws Exception {
        try (var agent = serving(
                AddPlan.TEXT, "instance_group { count: 2 }", "--model-control-mode=explicit", "--load-model=m")) {
            for (int i = 0; i < 500; i++) {
                assertThat(agent.post("/v2/repository/models/m/load", "{}").statusCode())
                        .isEqualTo(200);
                assertThat(add(agent, 1, i, 1).body()).endsWith(AddPlan.sums(1, i + 1));
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(engine.handles())
                            .containsEntry("engine", 1)
                            .containsEntry("context", 2)
                            .containsEntry("stream", 4)
                            .containsEntry("event", 8));
        }
    }

    private void awaitHandles(int count) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(engine.handles()).hasSize(count));
    }

    private static String index(RunningAgent agent) throws Exception {
        return agent.post("/v2/repository/index", "{}").body();
    }
}
