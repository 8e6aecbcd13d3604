package io.shusuan.agent.fuzz;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.shusuan.agent.BytesMethod;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Bytes in place of the message of every gRPC call. The first byte chooses the call. */
public final class GrpcFuzz {
    private static final int PATIENCE_SECONDS = 10;
    private static final Set<Status.Code> WRONG =
            Set.of(Status.Code.UNKNOWN, Status.Code.DEADLINE_EXCEEDED, Status.Code.DATA_LOSS);
    private static final String[] CALLS = {
        "ModelInfer",
        "ModelStreamInfer",
        "ServerMetadata",
        "ModelReady",
        "ModelMetadata",
        "ModelConfig",
        "ModelStatistics",
        "RepositoryIndex",
        "RepositoryModelLoad",
        "SystemSharedMemoryRegister",
        "SystemSharedMemoryStatus",
        "CudaSharedMemoryRegister",
        "TraceSetting",
        "LogSettings"
    };
    private static final FuzzedAgent AGENT = FuzzedAgent.start();
    private static final ManagedChannel CHANNEL =
            NettyChannelBuilder.forAddress(AGENT.grpc()).usePlaintext().build();

    private GrpcFuzz() {}

    /** Loads this class, and with it the agent, outside of what the fuzzer times. */
    public static void fuzzerInitialize() {
        AGENT.check();
    }

    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length == 0) {
            return;
        }
        var call = CALLS[Byte.toUnsignedInt(data[0]) % CALLS.length];
        var options = CallOptions.DEFAULT.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
        byte[] message = Arrays.copyOfRange(data, 1, data.length);
        try {
            var method = BytesMethod.of(MethodType.SERVER_STREAMING, "inference.GRPCInferenceService/" + call);
            ClientCalls.blockingServerStreamingCall(CHANNEL, method, options, message)
                    .forEachRemaining(_ -> {});
        } catch (StatusRuntimeException answered) {
            var said = String.valueOf(answered.getStatus().getDescription());
            if (WRONG.contains(answered.getStatus().getCode()) || said.contains(HttpClient.UNFORESEEN)) {
                throw new AssertionError(call + " answered " + answered.getStatus(), answered);
            }
        }
        AGENT.check();
    }
}
