package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.shusuan.agent.inference.CopiedBytes;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest.InferInputTensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Of a tensor over HTTP no more is copied than what came with the beginning of its message; over gRPC all of it from clients that send small
 * frames, as the one here; nothing is copied on its way back, and nothing that is in shared memory.
 */
class CopiedBytesTest {
    private static final int ROWS = 16 << 10;
    private static final long BEGINNING = 64 << 10;
    private static final byte[] TENSOR = new byte[ROWS * 16 * Float.BYTES];

    static {
        new Random(7).nextBytes(TENSOR);
    }

    @TempDir
    private Path folder;

    private ModelRepository repository() {
        return new ModelRepository(folder).onnx("m", 1, "identity").config("m", """
                max_batch_size: 0
                input { name: "INPUT0" data_type: TYPE_FP32 dims: [ -1, 16 ] }
                output { name: "OUTPUT0" data_type: TYPE_FP32 dims: [ -1, 16 ] }
                """);
    }

    @Test
    void nothingButTheBeginningOverHttp() throws Exception {
        var json = "{\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[" + ROWS + ",16],\"datatype\":\"FP32\","
                + "\"parameters\":{\"binary_data_size\":" + TENSOR.length
                + "}}],\"parameters\":{\"binary_data_output\":true}}";
        try (var agent = RunningAgent.serving(repository())) {
            long before = CopiedBytes.total();
            var answer = agent.postBinary("/v2/models/m/infer", json, TENSOR);
            assertThat(CopiedBytes.total() - before).isLessThanOrEqualTo(BEGINNING);
            assertThat(answer.body()).endsWith(TENSOR);
            assertThat(agent.metrics()).contains("shusuan_tensor_copied_bytes_total");
        }
    }

    @Test
    void neverInSharedMemory() throws Exception {
        assumeThat(Path.of("/dev/shm")).as("this system has no /dev/shm").isDirectory();
        var memory = Files.createTempFile(Path.of("/dev/shm"), "shusuan-test-", "");
        Files.write(memory, Arrays.copyOf(TENSOR, 2 * TENSOR.length));
        var json = "{\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[" + ROWS + ",16],\"datatype\":\"FP32\",\"parameters\":"
                + place(0) + "}],\"outputs\":[{\"name\":\"OUTPUT0\",\"parameters\":" + place(TENSOR.length) + "}]}";
        try (var agent = RunningAgent.serving(repository(), "--allow-client-shm=true")) {
            agent.post(
                    "/v2/systemsharedmemory/region/r/register",
                    "{\"key\":\"" + memory.getFileName() + "\",\"byte_size\":" + 2 * TENSOR.length + "}");
            long before = CopiedBytes.total();
            var answer = agent.post("/v2/models/m/infer", json);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(CopiedBytes.total() - before).as("the JSON").isEqualTo(json.length());
            assertThat(Files.readAllBytes(memory)).endsWith(TENSOR);
        } finally {
            Files.delete(memory);
        }
    }

    private static String place(int offset) {
        return "{\"shared_memory_region\":\"r\",\"shared_memory_offset\":" + offset + ",\"shared_memory_byte_size\":"
                + TENSOR.length + "}";
    }

    @Test
    void onceAtMostOverGrpc() throws Exception {
        var message = ModelInferRequest.newBuilder()
                .setModelName("m")
                .addInputs(InferInputTensor.newBuilder()
                        .setName("INPUT0")
                        .setDatatype("FP32")
                        .addShape(ROWS)
                        .addShape(16))
                .addRawInputContents(ByteString.copyFrom(TENSOR))
                .build();
        try (var agent = RunningAgent.serving(repository())) {
            var channel =
                    NettyChannelBuilder.forAddress(agent.grpc()).usePlaintext().build();
            long before = CopiedBytes.total();
            var answer = ClientCalls.blockingUnaryCall(channel, Method.MODEL_INFER, CallOptions.DEFAULT, message);
            assertThat(CopiedBytes.total() - before).isBetween(1L, (long) TENSOR.length);
            assertThat(answer.getRawOutputContents(0).toByteArray()).isEqualTo(TENSOR);
            channel.shutdownNow();
        }
    }
}
