package io.shusuan.agent.protocol.sharedmemory;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import java.nio.ByteBuffer;

/** A piece of a region. As long as one is held, the region stays mapped. */
final class RegionBuffer extends UnpooledDirectByteBuf {
    private final Region region;

    /** Takes over one use of the region. */
    RegionBuffer(Region region, ByteBuffer memory) {
        super(ByteBufAllocator.DEFAULT, memory, memory.remaining());
        this.region = region;
    }

    @Override
    protected void deallocate() {
        super.deallocate();
        region.release();
    }
}
