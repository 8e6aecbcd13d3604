package io.shusuan.agent.protocol.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.protocol.access.Access;
import io.shusuan.agent.protocol.access.Api;

/** Lets through the calls that may be made. */
final class AccessCheck implements ServerInterceptor {
    private final Access access;

    AccessCheck(Access access) {
        this.access = access;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        try {
            access.check(
                    apiOf(call.getMethodDescriptor().getFullMethodName()),
                    name -> headers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER)));
        } catch (ServingException refused) {
            call.close(GrpcStatus.of(refused).getStatus(), new Metadata());
            return new ServerCall.Listener<>() {};
        }
        return next.startCall(call, headers);
    }

    private static Api apiOf(String method) {
        return switch (method.substring(method.indexOf('/') + 1)) {
            case "ServerLive", "ServerReady", "ModelReady", "Check", "Watch", "List" -> Api.HEALTH;
            case "ModelInfer", "ModelStreamInfer" -> Api.INFERENCE;
            case "ModelConfig" -> Api.MODEL_CONFIG;
            case "ModelStatistics" -> Api.STATISTICS;
            case "RepositoryIndex", "RepositoryModelLoad", "RepositoryModelUnload" -> Api.MODEL_REPOSITORY;
            case "TraceSetting" -> Api.TRACE;
            case "LogSettings" -> Api.LOGGING;
            case "ServerMetadata", "ModelMetadata" -> Api.METADATA;
            default -> Api.SHARED_MEMORY;
        };
    }
}
