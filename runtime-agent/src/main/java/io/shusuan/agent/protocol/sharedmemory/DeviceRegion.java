package io.shusuan.agent.protocol.sharedmemory;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shusuan.agent.inference.DeviceBuffer;
import io.shusuan.agent.inference.DeviceMemory;
import io.shusuan.agent.inference.ServingException;

/** A region in a GPU's memory, with the number of its users. The last one out closes it. */
final class DeviceRegion implements Region {
    private final DeviceRegionStatus status;
    private final DeviceMemory memory;
    private int users = 1;

    /** Takes the memory over; the caller is the region's first user. */
    DeviceRegion(DeviceRegionStatus status, DeviceMemory memory) {
        this.status = status;
        this.memory = memory;
    }

    DeviceRegionStatus status() {
        return status;
    }

    @Override
    public ByteBuf slice(SharedPlace place) {
        Region.requireInside(place, status.name(), status.byteSize());
        if (place.byteSize() == 0) {
            return Unpooled.buffer(0, 0);
        }
        retain();
        return new DeviceBuffer(memory, place.offset(), (int) place.byteSize(), this::release);
    }

    private synchronized void retain() {
        if (users == 0) {
            throw ServingException.notFound("Unable to find shared memory region: '" + status.name() + "'");
        }
        users++;
    }

    @Override
    public void release() {
        synchronized (this) {
            users--;
            if (users > 0) {
                return;
            }
        }
        memory.close();
    }
}
