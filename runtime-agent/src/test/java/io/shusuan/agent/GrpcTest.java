package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.shusuan.agent.protocol.grpc.proto.InferTensorContents;
import io.shusuan.agent.protocol.grpc.proto.LogSettingsRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelConfigRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelMetadataRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelReadyRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelStatisticsRequest;
import io.shusuan.agent.protocol.grpc.proto.RepositoryIndexRequest;
import io.shusuan.agent.protocol.grpc.proto.RepositoryModelLoadRequest;
import io.shusuan.agent.protocol.grpc.proto.RepositoryModelUnloadRequest;
import io.shusuan.agent.protocol.grpc.proto.ServerLiveRequest;
import io.shusuan.agent.protocol.grpc.proto.ServerReadyRequest;
import io.shusuan.agent.protocol.grpc.proto.TraceSettingRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrpcTest {
    @TempDir
    private static Path folder;

    private static RunningAgent agent;
    private static ManagedChannel channel;

    @BeforeAll
    static void start() throws InterruptedException {
        var repository =
                new ModelRepository(folder).onnx("add_sub", 1, "add_sub").onnx("later", 1, "identity");
        agent = RunningAgent.serving(repository, "--model-control-mode=explicit", "--load-model=add_sub");
        channel = NettyChannelBuilder.forAddress(agent.grpc()).usePlaintext().build();
    }

    @AfterAll
    static void stop() {
        channel.shutdownNow();
        agent.close();
    }

    private static <Q, A> A call(MethodDescriptor<Q, A> method, Q question) {
        return ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, question);
    }

    private static ModelInferRequest.InferInputTensor.Builder input(String name) {
        return ModelInferRequest.InferInputTensor.newBuilder()
                .setName(name)
                .setDatatype("INT32")
                .addAllShape(List.of(1L, 4L));
    }

    private static ByteString ints(int... values) {
        var bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            bytes.putInt(value);
        }
        return ByteString.copyFrom(bytes.array());
    }

    @Test
    void saysWhoItIs() {
        assertThat(call(Method.SERVER_LIVE, ServerLiveRequest.getDefaultInstance())
                        .getLive())
                .isTrue();
        assertThat(call(Method.SERVER_READY, ServerReadyRequest.getDefaultInstance())
                        .getReady())
                .isTrue();
        assertThat(HealthGrpc.newBlockingStub(channel)
                        .check(HealthCheckRequest.getDefaultInstance())
                        .getStatus())
                .isEqualTo(ServingStatus.SERVING);
        assertThat(call(
                                Method.MODEL_READY,
                                ModelReadyRequest.newBuilder().setName("nope").build())
                        .getReady())
                .isFalse();
        var metadata = call(
                Method.MODEL_METADATA,
                ModelMetadataRequest.newBuilder().setName("add_sub").build());
        assertThat(metadata.getInputs(0).getShapeList()).containsExactly(-1L, 4L);
        assertThat(call(
                                Method.MODEL_CONFIG,
                                ModelConfigRequest.newBuilder()
                                        .setName("add_sub")
                                        .build())
                        .getConfig()
                        .getMaxBatchSize())
                .isEqualTo(4);
    }

    @Test
    void infersFromRawAndFromTypedContents() {
        var raw = ModelInferRequest.newBuilder()
                .setModelName("add_sub")
                .setId("9")
                .addInputs(input("A"))
                .addInputs(input("B"))
                .addRawInputContents(ints(1, 2, 3, 4))
                .addRawInputContents(ints(10, 10, 10, 10))
                .build();
        var typed = ModelInferRequest.newBuilder()
                .setModelName("add_sub")
                .addInputs(
                        input("A").setContents(InferTensorContents.newBuilder().addAllIntContents(List.of(1, 2, 3, 4))))
                .addInputs(input("B")
                        .setContents(InferTensorContents.newBuilder().addAllIntContents(List.of(10, 10, 10, 10))))
                .build();

        var answer = call(Method.MODEL_INFER, raw);

        assertThat(answer.getId()).isEqualTo("9");
        assertThat(answer.getModelVersion()).isEqualTo("1");
        assertThat(answer.getOutputs(0).getName()).isEqualTo("SUM");
        assertThat(answer.getRawOutputContentsList()).containsExactly(ints(11, 12, 13, 14), ints(-9, -8, -7, -6));
        assertThat(call(Method.MODEL_INFER, typed).getRawOutputContentsList())
                .isEqualTo(answer.getRawOutputContentsList());
        assertThat(call(
                                Method.MODEL_STATISTICS,
                                ModelStatisticsRequest.newBuilder()
                                        .setName("add_sub")
                                        .build())
                        .getModelStats(0)
                        .getInferenceCount())
                .isGreaterThanOrEqualTo(2);
    }

    @Test
    void refusesWithTheRightCode() {
        refuses(
                Status.Code.NOT_FOUND,
                "unknown model: 'nope'",
                ModelInferRequest.newBuilder().setModelName("nope"));
        refuses(
                Status.Code.INVALID_ARGUMENT,
                "expected 2 inputs but got 0",
                ModelInferRequest.newBuilder().setModelName("add_sub"));
        refuses(
                Status.Code.INVALID_ARGUMENT,
                "has 1 elements",
                ModelInferRequest.newBuilder()
                        .setModelName("add_sub")
                        .addInputs(input("A")
                                .setContents(InferTensorContents.newBuilder().addIntContents(1))));
        refuses(
                Status.Code.INVALID_ARGUMENT,
                "got 2 raw inputs and 1 inputs",
                ModelInferRequest.newBuilder()
                        .setModelName("add_sub")
                        .addInputs(input("A"))
                        .addRawInputContents(ints(1))
                        .addRawInputContents(ints(1)));
    }

    @Test
    void readsAndChangesSettings() {
        var rate = TraceSettingRequest.newBuilder()
                .setModelName("add_sub")
                .putSettings(
                        "trace_rate",
                        TraceSettingRequest.SettingValue.newBuilder()
                                .addValue("7")
                                .build())
                .build();
        assertThat(call(Method.TRACE_SETTING, rate)
                        .getSettingsOrThrow("trace_rate")
                        .getValue(0))
                .isEqualTo("7");
        assertThat(call(Method.TRACE_SETTING, TraceSettingRequest.getDefaultInstance())
                        .getSettingsOrThrow("trace_rate")
                        .getValue(0))
                .isEqualTo("1000");
        assertThat(call(Method.LOG_SETTINGS, LogSettingsRequest.getDefaultInstance())
                        .getSettingsOrThrow("log_info")
                        .getBoolParam())
                .isTrue();
        assertThatThrownBy(() -> call(
                        Method.LOG_SETTINGS,
                        LogSettingsRequest.newBuilder()
                                .putSettings(
                                        "log_file",
                                        LogSettingsRequest.SettingValue.newBuilder()
                                                .setStringParam("/tmp/x")
                                                .build())
                                .build()))
                .hasMessage("UNIMPLEMENTED: log file location can not be updated through network protocol");
    }

    private static void refuses(Status.Code code, String message, ModelInferRequest.Builder request) {
        assertThatThrownBy(() -> call(Method.MODEL_INFER, request.build()))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        refused -> assertThat(refused.getStatus().getCode()).isEqualTo(code))
                .hasMessageContaining(message);
    }

    @Test
    void loadsAndUnloads() {
        call(
                Method.REPOSITORY_MODEL_LOAD,
                RepositoryModelLoadRequest.newBuilder().setModelName("later").build());
        var index = call(
                Method.REPOSITORY_INDEX,
                RepositoryIndexRequest.newBuilder().setReady(true).build());
        assertThat(index.getModelsList().stream().map(m -> m.getName())).containsExactly("add_sub", "later");
        call(
                Method.REPOSITORY_MODEL_UNLOAD,
                RepositoryModelUnloadRequest.newBuilder().setModelName("later").build());
        assertThat(call(
                                Method.MODEL_READY,
                                ModelReadyRequest.newBuilder().setName("later").build())
                        .getReady())
                .isFalse();
    }
}
