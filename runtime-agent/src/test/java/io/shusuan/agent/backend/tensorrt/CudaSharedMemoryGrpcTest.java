package io.shusuan.agent.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.shusuan.agent.Method;
import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.RunningAgent;
import io.shusuan.agent.inference.CopiedBytes;
import io.shusuan.agent.protocol.grpc.proto.CudaSharedMemoryRegisterRequest;
import io.shusuan.agent.protocol.grpc.proto.CudaSharedMemoryStatusRequest;
import io.shusuan.agent.protocol.grpc.proto.CudaSharedMemoryUnregisterRequest;
import io.shusuan.agent.protocol.grpc.proto.InferParameter;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same regions as in {@link CudaSharedMemoryTest}, by gRPC's calls. */
class CudaSharedMemoryGrpcTest {
    private static final int BYTES = 1024;

    @TempDir
    private Path folder;

    private final HostEngine engine = new HostEngine();
    private final HostCuda.Exported memory = engine.export(BYTES);
    private RunningAgent agent;
    private ManagedChannel channel;

    @BeforeEach
    void serve() throws InterruptedException {
        start("--allow-client-shm=true");
    }

    private void start(String... flags) throws InterruptedException {
        var repository = new ModelRepository(folder)
                .config("m", "backend: \"tensorrt\" max_batch_size: 8")
                .file("m/1/model.plan", AddPlan.TEXT);
        agent = RunningAgent.serving(repository, new TensorRtBackend(() -> engine), flags);
        channel = NettyChannelBuilder.forAddress(agent.grpc()).usePlaintext().build();
    }

    private void stop() {
        channel.shutdownNow();
        agent.close();
    }

    @AfterEach
    void nothingIsLeft() {
        stop();
        engine.assertNothingLeft();
        memory.close();
    }

    private <Q, A> A call(MethodDescriptor<Q, A> method, Q question) {
        return ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, question);
    }

    private <Q, A> void refuses(MethodDescriptor<Q, A> method, Q question, Status.Code code, String why) {
        var refused = catchThrowableOfType(StatusRuntimeException.class, () -> call(method, question));
        assertThat(refused).as("it was answered").isNotNull();
        assertThat(refused.getStatus().getCode()).isEqualTo(code);
        assertThat(refused.getStatus().getDescription()).contains(why);
    }

    private CudaSharedMemoryRegisterRequest region(String name, int gpu, long bytes) {
        return CudaSharedMemoryRegisterRequest.newBuilder()
                .setName(name)
                .setRawHandle(ByteString.copyFrom(memory.handle()))
                .setDeviceId(gpu)
                .setByteSize(bytes)
                .build();
    }

    private static Map<String, InferParameter> place(int offset, int bytes) {
        return Map.of(
                "shared_memory_region",
                InferParameter.newBuilder().setStringParam("r").build(),
                "shared_memory_offset",
                InferParameter.newBuilder().setInt64Param(offset).build(),
                "shared_memory_byte_size",
                InferParameter.newBuilder().setInt64Param(bytes).build());
    }

    private static ModelInferRequest.InferInputTensor input(String name, int offset) {
        return ModelInferRequest.InferInputTensor.newBuilder()
                .setName(name)
                .setDatatype("FP32")
                .addAllShape(List.of(1L, 4L))
                .putAllParameters(place(offset, 16))
                .build();
    }

    private static ModelInferRequest request(int sum, int room) {
        return ModelInferRequest.newBuilder()
                .setModelName("m")
                .addInputs(input("A", 0))
                .addInputs(input("B", 256))
                .addOutputs(ModelInferRequest.InferRequestedOutputTensor.newBuilder()
                        .setName("SUM")
                        .putAllParameters(place(sum, room)))
                .build();
    }

    private Map<String, ?> regions(String name) {
        return call(
                        Method.CUDA_SHARED_MEMORY_STATUS,
                        CudaSharedMemoryStatusRequest.newBuilder().setName(name).build())
                .getRegionsMap();
    }

    private void unregister(String name) {
        call(
                Method.CUDA_SHARED_MEMORY_UNREGISTER,
                CudaSharedMemoryUnregisterRequest.newBuilder().setName(name).build());
    }

    @Test
    void computesThereWithoutACopy() {
        call(Method.CUDA_SHARED_MEMORY_REGISTER, region("r", 0, BYTES));
        var told = call(Method.CUDA_SHARED_MEMORY_STATUS, CudaSharedMemoryStatusRequest.getDefaultInstance())
                .getRegionsOrThrow("r");
        assertThat(told.getName()).isEqualTo("r");
        assertThat(told.getDeviceId()).isZero();
        assertThat(told.getByteSize()).isEqualTo(BYTES);
        for (int i = 0; i < 4; i++) {
            memory.bytes().putFloat(4 * i, i).putFloat(256 + 4 * i, 10);
        }
        long before = CopiedBytes.total();

        var answer = call(Method.MODEL_INFER, request(512, 16));

        assertThat(CopiedBytes.total()).isEqualTo(before);
        assertThat(engine.order()).doesNotContain("copy in", "copy out", "read", "write");
        for (int i = 0; i < 4; i++) {
            assertThat(memory.bytes().getFloat(512 + 4 * i)).isEqualTo(10 + i);
        }
        assertThat(answer.getRawOutputContentsList()).allMatch(ByteString::isEmpty);
        var output = answer.getOutputs(0);
        assertThat(output.getShapeList()).containsExactly(1L, 4L);
        assertThat(output.getParametersOrThrow("shared_memory_region").getStringParam())
                .isEqualTo("r");
        assertThat(output.getParametersOrThrow("shared_memory_offset").getInt64Param())
                .isEqualTo(512);
        assertThat(output.getParametersOrThrow("shared_memory_byte_size").getInt64Param())
                .isEqualTo(16);
    }

    @Test
    void endsWithItsNameAndWithAllNames() {
        call(Method.CUDA_SHARED_MEMORY_REGISTER, region("r", 0, BYTES));
        call(Method.CUDA_SHARED_MEMORY_REGISTER, region("s", 0, 512));
        assertThat(regions("")).containsOnlyKeys("r", "s");
        assertThat(regions("s")).containsOnlyKeys("s");

        unregister("r");
        assertThat(regions("")).containsOnlyKeys("s");
        refuses(
                Method.MODEL_INFER,
                request(512, 16),
                Status.Code.NOT_FOUND,
                "Unable to find shared memory region: 'r'");
        unregister("");

        assertThat(regions("")).isEmpty();
        assertThat(engine.handles()).doesNotContainKey("shared device memory");
    }

    @Test
    void refusesWhatLiesOutsideOrIsNotThere() {
        refuses(
                Method.CUDA_SHARED_MEMORY_REGISTER,
                region("r", 0, BYTES + 1),
                Status.Code.INVALID_ARGUMENT,
                "it ends at byte 1025 and the memory of the handle has 1024");
        refuses(
                Method.CUDA_SHARED_MEMORY_REGISTER,
                region("r", 7, BYTES),
                Status.Code.INVALID_ARGUMENT,
                "there is no GPU 7");
        refuses(
                Method.CUDA_SHARED_MEMORY_REGISTER,
                region("r", 0, BYTES).toBuilder()
                        .setRawHandle(ByteString.copyFrom(new byte[64]))
                        .build(),
                Status.Code.INVALID_ARGUMENT,
                "cudaIpcOpenMemHandle failed");
        call(Method.CUDA_SHARED_MEMORY_REGISTER, region("r", 0, 768));
        refuses(
                Method.CUDA_SHARED_MEMORY_REGISTER,
                region("r", 0, 768),
                Status.Code.ALREADY_EXISTS,
                "shared memory region 'r' already in manager");
        refuses(
                Method.MODEL_INFER,
                request(760, 16),
                Status.Code.INVALID_ARGUMENT,
                "Invalid offset + byte size for shared memory region: 'r'");
        refuses(
                Method.MODEL_INFER,
                request(512, 8),
                Status.Code.INVALID_ARGUMENT,
                "(8 bytes) should be at least 16 bytes to hold the results");
        refuses(
                Method.CUDA_SHARED_MEMORY_STATUS,
                CudaSharedMemoryStatusRequest.newBuilder().setName("gone").build(),
                Status.Code.NOT_FOUND,
                "Unable to find CUDA shared memory region: 'gone'");
    }

    @Test
    void takesNoneUnlessItIsAllowed() throws InterruptedException {
        stop();
        start("--allow-client-shm=false");
        refuses(
                Method.CUDA_SHARED_MEMORY_REGISTER,
                region("r", 0, BYTES),
                Status.Code.UNIMPLEMENTED,
                "--allow-client-shm=true");
    }

    @Test
    void aLostGpuIsSaidToBe() throws InterruptedException {
        stop();
        start("--allow-client-shm=true", "--gpu-failure-policy=stay");
        engine.fail("cudaIpcOpenMemHandle", 700, "cudaErrorIllegalAddress");
        refuses(
                Method.CUDA_SHARED_MEMORY_REGISTER,
                region("r", 0, BYTES),
                Status.Code.UNAVAILABLE,
                "GPU_LOST: GPU 0 is lost");
    }
}
