package io.shusuan.agent.protocol.grpc;

import io.shusuan.agent.protocol.access.Api;
import io.shusuan.agent.protocol.grpc.proto.CudaSharedMemoryRegisterRequest;
import io.shusuan.agent.protocol.grpc.proto.CudaSharedMemoryRegisterResponse;
import io.shusuan.agent.protocol.grpc.proto.CudaSharedMemoryStatusRequest;
import io.shusuan.agent.protocol.grpc.proto.CudaSharedMemoryStatusResponse;
import io.shusuan.agent.protocol.grpc.proto.CudaSharedMemoryUnregisterRequest;
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

    void addTo(Routes routes) {
        routes.answer(
                "SystemSharedMemoryStatus", Api.SHARED_MEMORY, SystemSharedMemoryStatusRequest.parser(), this::status);
        routes.answer(
                "SystemSharedMemoryRegister",
                Api.SHARED_MEMORY,
                SystemSharedMemoryRegisterRequest.parser(),
                this::register);
        routes.answer(
                "SystemSharedMemoryUnregister",
                Api.SHARED_MEMORY,
                SystemSharedMemoryUnregisterRequest.parser(),
                this::unregister);
        routes.answer(
                "CudaSharedMemoryStatus", Api.SHARED_MEMORY, CudaSharedMemoryStatusRequest.parser(), this::cudaStatus);
        routes.answer(
                "CudaSharedMemoryUnregister",
                Api.SHARED_MEMORY,
                CudaSharedMemoryUnregisterRequest.parser(),
                this::cudaUnregister);
        routes.answer(
                "CudaSharedMemoryRegister",
                Api.SHARED_MEMORY,
                CudaSharedMemoryRegisterRequest.parser(),
                this::cudaRegister);
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

    private CudaSharedMemoryStatusResponse cudaStatus(CudaSharedMemoryStatusRequest asked) {
        var shown = asked.getName().isEmpty() ? memory.deviceStatus() : List.of(memory.deviceStatus(asked.getName()));
        var answer = CudaSharedMemoryStatusResponse.newBuilder();
        for (var region : shown) {
            answer.putRegions(
                    region.name(),
                    CudaSharedMemoryStatusResponse.RegionStatus.newBuilder()
                            .setName(region.name())
                            .setDeviceId(region.gpu())
                            .setByteSize(region.byteSize())
                            .build());
        }
        return answer.build();
    }

    private CudaSharedMemoryRegisterResponse cudaRegister(CudaSharedMemoryRegisterRequest asked) {
        memory.registerDevice(
                asked.getName(), asked.getRawHandle().toByteArray(), asked.getDeviceId(), asked.getByteSize());
        return CudaSharedMemoryRegisterResponse.getDefaultInstance();
    }

    private CudaSharedMemoryUnregisterResponse cudaUnregister(CudaSharedMemoryUnregisterRequest asked) {
        if (asked.getName().isEmpty()) {
            memory.unregisterAllDevices();
        } else {
            memory.unregisterDevice(asked.getName());
        }
        return CudaSharedMemoryUnregisterResponse.getDefaultInstance();
    }
}
