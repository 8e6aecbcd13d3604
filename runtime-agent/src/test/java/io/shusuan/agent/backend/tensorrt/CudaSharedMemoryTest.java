package io.shusuan.agent.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.RunningAgent;
import io.shusuan.agent.inference.CopiedBytes;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tensors in memory of a GPU that another process shares. */
class CudaSharedMemoryTest {
    private static final String REGIONS = "/v2/cudasharedmemory";
    private static final int A = 0;
    private static final int B = 256;
    private static final int SUM = 512;
    private static final int BYTES = 1024;

    @TempDir
    private Path folder;

    private final HostEngine engine = new HostEngine(2);
    private final HostCuda.Exported memory = engine.export(BYTES);

    @AfterEach
    void nothingIsLeft() {
        engine.assertNothingLeft();
        memory.close();
    }

    private RunningAgent serving(String config, String... flags) throws InterruptedException {
        var repository = new ModelRepository(folder)
                .config("m", "backend: \"tensorrt\" max_batch_size: 8 " + config)
                .file("m/1/model.plan", AddPlan.TEXT);
        var all = flags.length == 0 ? new String[] {"--allow-client-shm=true"} : flags;
        return RunningAgent.serving(repository, new TensorRtBackend(() -> engine), all);
    }

    private HttpResponse<String> register(RunningAgent agent, String name, int gpu, long bytes) throws Exception {
        var handle = Base64.getEncoder().encodeToString(memory.handle());
        return agent.post(
                REGIONS + "/region/" + name + "/register",
                "{\"raw_handle\":{\"b64\":\"" + handle + "\"},\"device_id\":" + gpu + ",\"byte_size\":" + bytes + "}");
    }

    private static String place(String region, int offset, int bytes) {
        return "\"parameters\":{\"shared_memory_region\":\"" + region + "\",\"shared_memory_offset\":" + offset
                + ",\"shared_memory_byte_size\":" + bytes + "}";
    }

    private static String input(String name, int offset) {
        return "{\"name\":\"" + name + "\",\"shape\":[1,4],\"datatype\":\"FP32\"," + place("r", offset, 16) + "}";
    }

    private static String request(int sum, int room) {
        return "{\"inputs\":[" + input("A", A) + "," + input("B", B) + "],\"outputs\":[{\"name\":\"SUM\","
                + place("r", sum, room) + "}]}";
    }

    private static HttpResponse<String> infer(RunningAgent agent, String body) throws Exception {
        return agent.post("/v2/models/m/infer", body);
    }

    private void put(int offset, float value) {
        for (int i = 0; i < 4; i++) {
            memory.bytes().putFloat(offset + 4 * i, value + i);
        }
    }

    private void assertSum(int offset, float first) {
        for (int i = 0; i < 4; i++) {
            assertThat(memory.bytes().getFloat(offset + 4 * i)).isEqualTo(first + 2 * i);
        }
    }

    @ParameterizedTest
    @CsvSource({"''", "optimization { cuda { graphs: true } }"})
    void computesThereWithoutACopy(String config) throws Exception {
        try (var agent = serving(config)) {
            assertThat(register(agent, "r", 0, BYTES).statusCode()).isEqualTo(200);
            assertThat(agent.get(REGIONS + "/status").body())
                    .isEqualTo("[{\"name\":\"r\",\"device_id\":0,\"byte_size\":" + BYTES + "}]");
            for (int i = 0; i < 4; i++) {
                put(A, i);
                put(B, 10);
                var body = request(SUM, 16);
                long before = CopiedBytes.total();

                var answer = infer(agent, body);

                assertThat(answer.body())
                        .contains("\"shared_memory_region\":\"r\"")
                        .doesNotContain("\"data\"");
                assertThat(CopiedBytes.total() - before).as("the body alone").isEqualTo(body.length());
                assertSum(SUM, 10 + i);
            }
            assertThat(engine.order()).doesNotContain("copy in", "copy out", "read", "write", "graph");
        }
    }

    /** Where it cannot be worked in place, the bytes come and go over the host, and the answers are the same. */
    @ParameterizedTest
    @CsvSource({"another GPU,1,0,512", "an address that is not aligned,0,0,520", "an output over its input,0,0,0"})
    void copiesWhereItMust(String what, int gpu, int region, int sum) throws Exception {
        try (var agent = serving("instance_group { kind: KIND_GPU gpus: 0 }")) {
            register(agent, "r", gpu, BYTES);
            put(A, 1);
            put(B, 2);

            assertThat(infer(agent, request(sum, 16)).statusCode()).as(what).isEqualTo(200);

            assertSum(sum, 3);
            assertThat(engine.order()).contains("write");
        }
    }

    @Test
    void gathersBatchesOfIt() throws Exception {
        try (var agent =
                serving("dynamic_batching { preferred_batch_size: 2 max_queue_delay_microseconds: 10000000 }")) {
            register(agent, "r", 0, BYTES);
            put(A, 1);
            put(B, 2);
            var first = agent.postLater("/v2/models/m/infer", request(SUM, 16));
            assertThat(infer(agent, request(768, 16)).statusCode()).isEqualTo(200);
            assertThat(first.get().statusCode()).isEqualTo(200);
            assertSum(SUM, 3);
            assertSum(768, 3);
        }
    }

    @Test
    void refusesWhatLiesOutsideOrIsNotThere() throws Exception {
        try (var agent = serving("")) {
            refuses(
                    register(agent, "r", 0, BYTES + 1),
                    400,
                    "it ends at byte 1025 and the memory of the handle has 1024");
            refuses(register(agent, "r", 7, BYTES), 400, "there is no GPU 7, this machine has [0, 1]");
            refuses(register(agent, "r", 0, 0), 400, "a byte_size above 0");
            var unknown = Base64.getEncoder().encodeToString(new byte[64]);
            refuses(
                    agent.post(
                            REGIONS + "/region/r/register",
                            "{\"raw_handle\":{\"b64\":\"" + unknown + "\"},\"device_id\":0,\"byte_size\":4}"),
                    400,
                    "cudaIpcOpenMemHandle failed: cudaErrorInvalidValue (1): invalid argument");
            assertThat(register(agent, "r", 0, 768).statusCode()).isEqualTo(200);
            refuses(register(agent, "r", 0, 768), 400, "shared memory region 'r' already in manager");
            refuses(infer(agent, request(760, 16)), 400, "Invalid offset + byte size for shared memory region: 'r'");
            refuses(infer(agent, request(SUM, 8)), 400, "(8 bytes) should be at least 16 bytes to hold the results");
            refuses(
                    agent.get(REGIONS + "/region/gone/status"),
                    404,
                    "Unable to find CUDA shared memory region: 'gone'");
            assertThat(agent.get("/v2/systemsharedmemory/status").body()).isEqualTo("[]");
            assertThat(agent.post("/v2/systemsharedmemory/unregister", "").statusCode())
                    .isEqualTo(200);
            assertThat(agent.get(REGIONS + "/region/r/status").statusCode()).isEqualTo(200);
            assertThat(agent.post(REGIONS + "/region/r/unregister", "").statusCode())
                    .isEqualTo(200);
            assertThat(engine.handles()).doesNotContainKey("shared device memory");
            refuses(infer(agent, request(SUM, 16)), 404, "Unable to find shared memory region: 'r'");
        }
    }

    @Test
    void takesNoneUnlessItIsAllowed() throws Exception {
        try (var agent = serving("", "--allow-client-shm=false")) {
            refuses(register(agent, "r", 0, BYTES), 501, "--allow-client-shm=true");
        }
    }

    /** It is gone for new requests at once, and stays in memory for those that use it. */
    @Test
    void outlastsTheRequestsThatUseIt() throws Exception {
        try (var agent = serving("")) {
            register(agent, "r", 0, BYTES);
            put(A, 1);
            put(B, 2);
            var gate = engine.hold();
            var running = agent.postLater("/v2/models/m/infer", request(SUM, 16));
            engine.awaitHeld();

            assertThat(agent.post(REGIONS + "/region/r/unregister", "").statusCode())
                    .isEqualTo(200);
            assertThat(agent.get(REGIONS + "/status").body()).isEqualTo("[]");
            refuses(infer(agent, request(SUM, 16)), 404, "Unable to find shared memory region: 'r'");
            assertThat(engine.handles()).containsEntry("shared device memory", 1);
            gate.countDown();

            assertThat(running.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            assertSum(SUM, 3);
        }
    }

    @Test
    void aLostGpuIsSaidToBe() throws Exception {
        try (var agent = serving("", "--allow-client-shm=true", "--gpu-failure-policy=stay")) {
            engine.fail("cudaIpcOpenMemHandle", 700, "cudaErrorIllegalAddress");
            refuses(register(agent, "r", 0, BYTES), 503, "GPU_LOST: GPU 0 is lost");
            refuses(register(agent, "r", 0, BYTES), 503, "cudaIpcOpenMemHandle failed");
        }
    }

    private static void refuses(HttpResponse<String> answer, int status, String text) {
        assertThat(answer.body()).contains(text);
        assertThat(answer.statusCode()).isEqualTo(status);
    }
}
