package io.shusuan.agent;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.protobuf.ProtoUtils;
import io.shusuan.agent.protocol.grpc.proto.CudaSharedMemoryRegisterRequest;
import io.shusuan.agent.protocol.grpc.proto.CudaSharedMemoryRegisterResponse;
import io.shusuan.agent.protocol.grpc.proto.CudaSharedMemoryStatusRequest;
import io.shusuan.agent.protocol.grpc.proto.CudaSharedMemoryStatusResponse;
import io.shusuan.agent.protocol.grpc.proto.CudaSharedMemoryUnregisterRequest;
import io.shusuan.agent.protocol.grpc.proto.CudaSharedMemoryUnregisterResponse;
import io.shusuan.agent.protocol.grpc.proto.LogSettingsRequest;
import io.shusuan.agent.protocol.grpc.proto.LogSettingsResponse;
import io.shusuan.agent.protocol.grpc.proto.ModelConfigRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelConfigResponse;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelInferResponse;
import io.shusuan.agent.protocol.grpc.proto.ModelMetadataRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelMetadataResponse;
import io.shusuan.agent.protocol.grpc.proto.ModelReadyRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelReadyResponse;
import io.shusuan.agent.protocol.grpc.proto.ModelStatisticsRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelStatisticsResponse;
import io.shusuan.agent.protocol.grpc.proto.ModelStreamInferResponse;
import io.shusuan.agent.protocol.grpc.proto.RepositoryIndexRequest;
import io.shusuan.agent.protocol.grpc.proto.RepositoryIndexResponse;
import io.shusuan.agent.protocol.grpc.proto.RepositoryModelLoadRequest;
import io.shusuan.agent.protocol.grpc.proto.RepositoryModelLoadResponse;
import io.shusuan.agent.protocol.grpc.proto.RepositoryModelUnloadRequest;
import io.shusuan.agent.protocol.grpc.proto.RepositoryModelUnloadResponse;
import io.shusuan.agent.protocol.grpc.proto.ServerLiveRequest;
import io.shusuan.agent.protocol.grpc.proto.ServerLiveResponse;
import io.shusuan.agent.protocol.grpc.proto.ServerMetadataRequest;
import io.shusuan.agent.protocol.grpc.proto.ServerMetadataResponse;
import io.shusuan.agent.protocol.grpc.proto.ServerReadyRequest;
import io.shusuan.agent.protocol.grpc.proto.ServerReadyResponse;
import io.shusuan.agent.protocol.grpc.proto.SystemSharedMemoryRegisterRequest;
import io.shusuan.agent.protocol.grpc.proto.SystemSharedMemoryRegisterResponse;
import io.shusuan.agent.protocol.grpc.proto.SystemSharedMemoryStatusRequest;
import io.shusuan.agent.protocol.grpc.proto.SystemSharedMemoryStatusResponse;
import io.shusuan.agent.protocol.grpc.proto.SystemSharedMemoryUnregisterRequest;
import io.shusuan.agent.protocol.grpc.proto.SystemSharedMemoryUnregisterResponse;
import io.shusuan.agent.protocol.grpc.proto.TraceSettingRequest;
import io.shusuan.agent.protocol.grpc.proto.TraceSettingResponse;

/** The calls of {@code inference.GRPCInferenceService} as gRPC's own client makes them. */
public final class Method {
    static final String SERVICE = "inference.GRPCInferenceService";

    static final MethodDescriptor<ServerLiveRequest, ServerLiveResponse> SERVER_LIVE =
            unary("ServerLive", ServerLiveRequest.getDefaultInstance(), ServerLiveResponse.getDefaultInstance());

    static final MethodDescriptor<ServerReadyRequest, ServerReadyResponse> SERVER_READY =
            unary("ServerReady", ServerReadyRequest.getDefaultInstance(), ServerReadyResponse.getDefaultInstance());

    static final MethodDescriptor<ServerMetadataRequest, ServerMetadataResponse> SERVER_METADATA = unary(
            "ServerMetadata", ServerMetadataRequest.getDefaultInstance(), ServerMetadataResponse.getDefaultInstance());

    static final MethodDescriptor<ModelReadyRequest, ModelReadyResponse> MODEL_READY =
            unary("ModelReady", ModelReadyRequest.getDefaultInstance(), ModelReadyResponse.getDefaultInstance());

    static final MethodDescriptor<ModelMetadataRequest, ModelMetadataResponse> MODEL_METADATA = unary(
            "ModelMetadata", ModelMetadataRequest.getDefaultInstance(), ModelMetadataResponse.getDefaultInstance());

    static final MethodDescriptor<ModelConfigRequest, ModelConfigResponse> MODEL_CONFIG =
            unary("ModelConfig", ModelConfigRequest.getDefaultInstance(), ModelConfigResponse.getDefaultInstance());

    static final MethodDescriptor<ModelStatisticsRequest, ModelStatisticsResponse> MODEL_STATISTICS = unary(
            "ModelStatistics",
            ModelStatisticsRequest.getDefaultInstance(),
            ModelStatisticsResponse.getDefaultInstance());

    public static final MethodDescriptor<ModelInferRequest, ModelInferResponse> MODEL_INFER =
            unary("ModelInfer", ModelInferRequest.getDefaultInstance(), ModelInferResponse.getDefaultInstance());

    static final MethodDescriptor<RepositoryIndexRequest, RepositoryIndexResponse> REPOSITORY_INDEX = unary(
            "RepositoryIndex",
            RepositoryIndexRequest.getDefaultInstance(),
            RepositoryIndexResponse.getDefaultInstance());

    static final MethodDescriptor<RepositoryModelLoadRequest, RepositoryModelLoadResponse> REPOSITORY_MODEL_LOAD =
            unary(
                    "RepositoryModelLoad",
                    RepositoryModelLoadRequest.getDefaultInstance(),
                    RepositoryModelLoadResponse.getDefaultInstance());

    static final MethodDescriptor<RepositoryModelUnloadRequest, RepositoryModelUnloadResponse> REPOSITORY_MODEL_UNLOAD =
            unary(
                    "RepositoryModelUnload",
                    RepositoryModelUnloadRequest.getDefaultInstance(),
                    RepositoryModelUnloadResponse.getDefaultInstance());

    static final MethodDescriptor<SystemSharedMemoryStatusRequest, SystemSharedMemoryStatusResponse>
            SYSTEM_SHARED_MEMORY_STATUS = unary(
                    "SystemSharedMemoryStatus",
                    SystemSharedMemoryStatusRequest.getDefaultInstance(),
                    SystemSharedMemoryStatusResponse.getDefaultInstance());

    static final MethodDescriptor<SystemSharedMemoryRegisterRequest, SystemSharedMemoryRegisterResponse>
            SYSTEM_SHARED_MEMORY_REGISTER = unary(
                    "SystemSharedMemoryRegister",
                    SystemSharedMemoryRegisterRequest.getDefaultInstance(),
                    SystemSharedMemoryRegisterResponse.getDefaultInstance());

    static final MethodDescriptor<SystemSharedMemoryUnregisterRequest, SystemSharedMemoryUnregisterResponse>
            SYSTEM_SHARED_MEMORY_UNREGISTER = unary(
                    "SystemSharedMemoryUnregister",
                    SystemSharedMemoryUnregisterRequest.getDefaultInstance(),
                    SystemSharedMemoryUnregisterResponse.getDefaultInstance());

    public static final MethodDescriptor<CudaSharedMemoryStatusRequest, CudaSharedMemoryStatusResponse>
            CUDA_SHARED_MEMORY_STATUS = unary(
                    "CudaSharedMemoryStatus",
                    CudaSharedMemoryStatusRequest.getDefaultInstance(),
                    CudaSharedMemoryStatusResponse.getDefaultInstance());

    public static final MethodDescriptor<CudaSharedMemoryRegisterRequest, CudaSharedMemoryRegisterResponse>
            CUDA_SHARED_MEMORY_REGISTER = unary(
                    "CudaSharedMemoryRegister",
                    CudaSharedMemoryRegisterRequest.getDefaultInstance(),
                    CudaSharedMemoryRegisterResponse.getDefaultInstance());

    public static final MethodDescriptor<CudaSharedMemoryUnregisterRequest, CudaSharedMemoryUnregisterResponse>
            CUDA_SHARED_MEMORY_UNREGISTER = unary(
                    "CudaSharedMemoryUnregister",
                    CudaSharedMemoryUnregisterRequest.getDefaultInstance(),
                    CudaSharedMemoryUnregisterResponse.getDefaultInstance());

    static final MethodDescriptor<TraceSettingRequest, TraceSettingResponse> TRACE_SETTING =
            unary("TraceSetting", TraceSettingRequest.getDefaultInstance(), TraceSettingResponse.getDefaultInstance());

    static final MethodDescriptor<LogSettingsRequest, LogSettingsResponse> LOG_SETTINGS =
            unary("LogSettings", LogSettingsRequest.getDefaultInstance(), LogSettingsResponse.getDefaultInstance());

    static final MethodDescriptor<ModelInferRequest, ModelStreamInferResponse> MODEL_STREAM_INFER = of(
            MethodType.BIDI_STREAMING,
            "ModelStreamInfer",
            ModelInferRequest.getDefaultInstance(),
            ModelStreamInferResponse.getDefaultInstance());

    private Method() {}

    private static <Q extends Message, A extends Message> MethodDescriptor<Q, A> unary(
            String name, Q question, A answer) {
        return of(MethodType.UNARY, name, question, answer);
    }

    private static <Q extends Message, A extends Message> MethodDescriptor<Q, A> of(
            MethodType type, String name, Q question, A answer) {
        return MethodDescriptor.<Q, A>newBuilder()
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
                .setRequestMarshaller(ProtoUtils.marshaller(question))
                .setResponseMarshaller(ProtoUtils.marshaller(answer))
                .build();
    }
}
