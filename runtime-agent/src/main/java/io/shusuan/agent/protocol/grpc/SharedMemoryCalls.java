package io.shusuan.agent.protocol.grpc;

import io.grpc.ServerServiceDefinition;
import io.shusuan.agent.protocol.CudaSharedMemory;
import io.shusuan.agent.protocol.grpc.proto.CudaSharedMemoryStatusRequest;
import io.shusuan.agent.protocol.grpc.proto.CudaSharedMemoryStatusResponse;
import io.shusuan.agent.protocol.grpc.proto.CudaSharedMemoryUnregisterResponse;
import io.shusuan.agent.protocol.grpc.proto.SystemSharedMemoryRegisterRequest;
import io.shusuan.agent.protocol.grpc.proto.SystemSharedMemoryRegisterResponse;
import io.shusuan.agent.protocol.grpc.proto.SystemSharedMemoryStatusRequest;
import io.shusuan.agent.protocol.grpc.proto.SystemSharedMemoryStatusResponse;
import io.shusuan.agent.protocol.grpc.proto.SystemSharedMemoryStatusResponse.RegionStatus;
import io.shusuan.agent.protocol.grpc.proto.SystemSharedMemoryUnregisterRequest;
import io.shusuan.agent.protocol.grpc.proto.SystemSharedMemoryUnregisterResponse;
import io.shusuan.agent.protocol.sharedmemory.SharedMemory;
import java.util.List;

/** The six calls about regions of shared memory. */
final class SharedMemoryCalls {
    private final SharedMemory memory;

    SharedMemoryCalls(SharedMemory memory) {
        this.memory = memory;
    }

    void addTo(ServerServiceDefinition.Builder service) {
        InferenceGrpc.answer(service, Method.SYSTEM_SHARED_MEMORY_STATUS, this::status);
        InferenceGrpc.answer(service, Method.SYSTEM_SHARED_MEMORY_REGISTER, this::register);
        InferenceGrpc.answer(service, Method.SYSTEM_SHARED_MEMORY_UNREGISTER, this::unregister);
        InferenceGrpc.answer(service, Method.CUDA_SHARED_MEMORY_STATUS, SharedMemoryCalls::cudaStatus);
        InferenceGrpc.answer(
                service,
                Method.CUDA_SHARED_MEMORY_UNREGISTER,
                _ -> CudaSharedMemoryUnregisterResponse.getDefaultInstance());
        InferenceGrpc.answer(service, Method.CUDA_SHARED_MEMORY_REGISTER, asked -> {
            throw CudaSharedMemory.refuse(asked.getName(), asked.getRawHandle().toByteArray());
        });
    }

    private SystemSharedMemoryStatusResponse status(SystemSharedMemoryStatusRequest asked) {
        var shown = asked.getName().isEmpty() ? memory.status() : List.of(memory.status(asked.getName()));
        var answer = SystemSharedMemoryStatusResponse.newBuilder();
        for (var region : shown) {
            answer.putRegions(
                    region.name(),
                    RegionStatus.newBuilder()
                            .setName(region.name())
                            .setKey(region.key())
                            .setOffset(region.offset())
                            .setByteSize(region.byteSize())
                            .build());
        }
        return answer.build();
    }

    private SystemSharedMemoryRegisterResponse register(SystemSharedMemoryRegisterRequest asked) {
        memory.register(asked.getName(), asked.getKey(), asked.getOffset(), asked.getByteSize());
        return SystemSharedMemoryRegisterResponse.getDefaultInstance();
    }

    private SystemSharedMemoryUnregisterResponse unregister(SystemSharedMemoryUnregisterRequest asked) {
        if (asked.getName().isEmpty()) {
            memory.unregisterAll();
        } else {
            memory.unregister(asked.getName());
        }
        return SystemSharedMemoryUnregisterResponse.getDefaultInstance();
    }

    private static CudaSharedMemoryStatusResponse cudaStatus(CudaSharedMemoryStatusRequest asked) {
        if (!asked.getName().isEmpty()) {
            throw CudaSharedMemory.notFound(asked.getName());
        }
        return CudaSharedMemoryStatusResponse.getDefaultInstance();
    }
}
