package io.shusuan.agent.protocol.sharedmemory;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import java.nio.ByteBuffer;

/** A piece of a region. As long as one is held, the region stays mapped. */
final class RegionBuffer extends UnpooledDirectByteBuf {
    private final SystemRegion region;
    /** In the file behind the region, which may be registered more than once. */
    private final long begin;

    /** Takes over one use of the region. */
    RegionBuffer(SystemRegion region, long begin, ByteBuffer memory) {
        super(ByteBufAllocator.DEFAULT, memory, memory.remaining());
        this.region = region;
        this.begin = begin;
    }

    /** Whether both have bytes in common. */
    boolean overlaps(ByteBuf other) {
        return other instanceof RegionBuffer piece
                && region.isSameFileAs(piece.region)
                && begin < piece.begin + piece.capacity()
                && piece.begin < begin + capacity();
    }

    @Override
    protected void deallocate() {
        super.deallocate();
        region.release();
    }
}
