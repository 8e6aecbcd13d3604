package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tensors in memory that the client shares with the server. */
class SharedMemoryTest {
    private static final String REGISTER = "/v2/systemsharedmemory/region/r/register";
    private static final String INFER = "/v2/models/m/infer";

    @TempDir
    private Path folder;

    private final String key = "shusuan-test-" + UUID.randomUUID();
    private final Path memory = Path.of("/dev/shm", key);
    private ModelRepository repository;

    @BeforeEach
    void write() throws IOException {
        assumeThat(Path.of("/dev/shm")).as("this system has no /dev/shm").isDirectory();
        Files.write(memory, new byte[192]);
        repository = new ModelRepository(folder)
                .identity("m", ModelRepository.GOLDEN_CONFIG)
                .onnx("onnx", 1, "identity");
    }

    @AfterEach
    void remove() throws IOException {
        Files.deleteIfExists(memory);
    }

    private String region(int byteSize) {
        return "{\"key\":\"/" + key + "\",\"offset\":0,\"byte_size\":" + byteSize + "}";
    }

    private static String infer(String input, String output) {
        return "{\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[1,16],\"datatype\":\"FP32\",\"parameters\":{" + input
                + "}}],\"outputs\":[{\"name\":\"OUTPUT0\",\"parameters\":{" + output + "}}]}";
    }

    private static String place(String region, int offset, int byteSize) {
        return "\"shared_memory_region\":\"" + region + "\",\"shared_memory_offset\":" + offset
                + ",\"shared_memory_byte_size\":" + byteSize;
    }

    @Test
    void readsInputsThereAndPutsOutputsThere() throws Exception {
        var numbers = ByteBuffer.allocate(192).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 16; i++) {
            numbers.putFloat(64 + 4 * i, i);
        }
        Files.write(memory, numbers.array());
        try (var agent = RunningAgent.serving(repository, "--allow-client-shm=true")) {
            assertThat(agent.post(REGISTER, region(192)).statusCode()).isEqualTo(200);
            assertThat(agent.get("/v2/systemsharedmemory/status").body())
                    .isEqualTo("[{\"name\":\"r\",\"key\":\"/" + key + "\",\"offset\":0,\"byte_size\":192}]");
            for (var model : new String[] {"m", "onnx"}) {
                var answer =
                        agent.post("/v2/models/" + model + "/infer", infer(place("r", 64, 64), place("r", 128, 64)));
                assertThat(answer.body())
                        .contains("\"parameters\":{\"shared_memory_region\":\"r\",\"shared_memory_byte_size\":64,"
                                + "\"shared_memory_offset\":128}")
                        .doesNotContain("\"data\"");
                var after = ByteBuffer.wrap(Files.readAllBytes(memory)).order(ByteOrder.LITTLE_ENDIAN);
                assertThat(after.getFloat(128 + 4 * 9)).isEqualTo(9);
                Files.write(memory, numbers.array());
            }
            assertThat(agent.post("/v2/systemsharedmemory/region/r/unregister", "")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(agent.get("/v2/systemsharedmemory/status").body()).isEqualTo("[]");
        }
    }

    @Test
    void aRegionThatIsInUseIsGoneForNewRequestsAndStaysForThatOne() throws Exception {
        var numbers = ByteBuffer.allocate(192).order(ByteOrder.LITTLE_ENDIAN);
        numbers.putFloat(0, FaultyBackend.HANGS).putFloat(4, 42);
        Files.write(memory, numbers.array());
        var backend = new FaultyBackend();
        repository.identity("m", ModelRepository.GOLDEN_CONFIG.replace("\"identity\"", "\"faulty\""));
        try (var agent = RunningAgent.serving(repository, backend, "--allow-client-shm=true")) {
            agent.post(REGISTER, region(192));
            var running = agent.postLater(INFER, infer(place("r", 0, 64), place("r", 64, 64)));
            backend.awaitHanging();
            assertThat(agent.post("/v2/systemsharedmemory/region/r/unregister", "")
                            .statusCode())
                    .isEqualTo(200);
            refuses(agent.post(INFER, infer(place("r", 0, 64), "")), 404, "Unable to find shared memory region: 'r'");
            Files.delete(memory);
            backend.release();
            assertThat(running.join().body()).contains("\"shared_memory_offset\":64");
            await().until(() -> mapped().isEmpty());
        }
    }

    /** What this process maps of the memory. */
    private List<String> mapped() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.contains(key))
                .toList();
    }

    @Test
    void writesNoOutputOverAnInputThatIsStillRead() throws Exception {
        var numbers = ByteBuffer.allocate(192).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 4; i++) {
            numbers.putInt(4 * i, 50).putInt(16 + 4 * i, 5);
        }
        Files.write(memory, numbers.array());
        repository.onnx("add_sub", 1, "add_sub");
        try (var agent = RunningAgent.serving(repository, "--allow-client-shm=true")) {
            agent.post(REGISTER, region(192));
            agent.post(REGISTER.replace("/r/", "/again/"), region(192));
            var answer = agent.post(
                    "/v2/models/add_sub/infer",
                    "{\"inputs\":[" + tensor("A", place("r", 0, 16)) + "," + tensor("B", place("r", 16, 16))
                            + "],\"outputs\":[" + tensor("SUM", place("again", 0, 16)) + ","
                            + tensor("DIFFERENCE", place("again", 16, 16)) + "]}");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            var after = ByteBuffer.wrap(Files.readAllBytes(memory)).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(after.getInt(12)).isEqualTo(55);
            assertThat(after.getInt(28)).isEqualTo(45);
        }
    }

    private static String tensor(String name, String place) {
        return "{\"name\":\"" + name + "\",\"shape\":[1,4],\"datatype\":\"INT32\",\"parameters\":{" + place + "}}";
    }

    @Test
    void refusesWhatLiesOutsideOrIsNotThere() throws Exception {
        try (var agent = RunningAgent.serving(repository, "--allow-client-shm=true")) {
            refuses(agent.post(REGISTER, region(193)), 400, "it ends at byte 193 and '/" + key + "' has 192");
            refuses(
                    agent.post(REGISTER, "{\"key\":\"/nokey_xyz\",\"offset\":0,\"byte_size\":64}"),
                    500,
                    "Unable to open shared memory region: '/nokey_xyz'");
            refuses(
                    agent.post(REGISTER, "{\"key\":\"../../etc/hostname\",\"byte_size\":1}"),
                    500,
                    "Unable to open shared memory region");
            refuses(
                    agent.post(REGISTER, "{\"key\":\"/triton_python_backend_shm_region_1\",\"byte_size\":1}"),
                    400,
                    "reserved prefix");
            refuses(agent.post(REGISTER, region(-1)), 500, "non-unsigned-integer");
            assertThat(agent.post(REGISTER, region(128)).statusCode()).isEqualTo(200);
            refuses(agent.post(REGISTER, region(128)), 400, "shared memory region 'r' already in manager");
            refuses(
                    agent.post(INFER, infer(place("r", 128, 64), "")),
                    400,
                    "Invalid offset + byte size for shared memory region: 'r'");
            refuses(
                    agent.post(INFER, infer(place("r", 0, 32), "")),
                    400,
                    "input byte size mismatch for input 'INPUT0' for model 'm'. Expected 64, got 32");
            refuses(
                    agent.post(INFER, infer(place("r", 0, 64), place("r", 64, 32))),
                    400,
                    "(32 bytes) should be at least 64 bytes to hold the results");
            refuses(
                    agent.post(INFER, infer(place("gone", 0, 64), "")),
                    404,
                    "Unable to find shared memory region: 'gone'");
            Files.write(memory, new byte[10]);
            refuses(agent.post(INFER, infer(place("r", 0, 64), "")), 400, "has become smaller");
        }
    }

    @Test
    void takesNoRegionUnlessItIsAllowed() throws Exception {
        try (var agent = RunningAgent.serving(repository)) {
            refuses(agent.post(REGISTER, region(64)), 501, "--allow-client-shm=true");
            assertThat(agent.get("/v2/systemsharedmemory/status").body()).isEqualTo("[]");
            refuses(
                    agent.post(
                            "/v2/cudasharedmemory/region/x/register",
                            "{\"raw_handle\":{\"b64\":\"AAAA\"},\"device_id\":0,\"byte_size\":64}"),
                    400,
                    "'raw_handle' must be a valid base64 encoded cudaIpcMemHandle_t");
            refuses(
                    agent.post(
                            "/v2/cudasharedmemory/region/x/register",
                            "{\"raw_handle\":{\"b64\":\"" + "A".repeat(84) + "AA==\"},\"byte_size\":64}"),
                    501,
                    "--allow-client-shm=true");
        }
        try (var agent = RunningAgent.serving(repository, "--allow-client-shm=true")) {
            refuses(
                    agent.post(
                            "/v2/cudasharedmemory/region/x/register",
                            "{\"raw_handle\":{\"b64\":\"" + "A".repeat(84) + "AA==\"},\"byte_size\":64}"),
                    501,
                    "this server has no CUDA");
        }
    }

    private static void refuses(HttpResponse<String> answer, int status, String text) {
        assertThat(answer.body()).contains(text);
        assertThat(answer.statusCode()).isEqualTo(status);
    }
}
