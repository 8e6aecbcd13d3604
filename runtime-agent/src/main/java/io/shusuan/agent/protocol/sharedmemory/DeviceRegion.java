package io.shusuan.agent.protocol.sharedmemory;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.inference.DeviceBuffer;
import io.shusuan.agent.inference.DeviceMemory;

/** A region in a GPU's memory. */
final class DeviceRegion extends Region {
    private final DeviceRegionStatus status;
    private final DeviceMemory memory;

    /** Takes the memory over. */
    DeviceRegion(DeviceRegionStatus status, DeviceMemory memory) {
        super(status.name(), status.byteSize());
        this.status = status;
        this.memory = memory;
    }

    DeviceRegionStatus status() {
        return status;
    }

    @Override
    ByteBuf piece(SharedPlace place) {
        return new DeviceBuffer(memory, place.offset(), (int) place.byteSize(), this::release);
    }

    @Override
    void free() {
        memory.close();
    }
}
