package io.shusuan.agent.inference;

import io.netty.buffer.AbstractReferenceCountedByteBuf;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * A piece of a GPU's memory. What works on that GPU takes its address. For all others it is a buffer like any: the first who reads has it
 * copied to the host, once, and what is written as a whole is copied to the GPU at once.
 */
public final class DeviceBuffer extends AbstractReferenceCountedByteBuf {
    private final DeviceMemory memory;
    private final long offset;
    private final int size;
    private final Runnable release;
    private @Nullable ByteBuf host;

    /** @param release gives back the use of the memory, after the last reference */
    public DeviceBuffer(DeviceMemory memory, long offset, int size, Runnable release) {
        super(size);
        this.memory = memory;
        this.offset = offset;
        this.size = size;
        this.release = release;
        writerIndex(size);
    }

    public int gpu() {
        return memory.gpu();
    }

    public long address() {
        return memory.address() + offset;
    }

    /** Whether both have bytes in common. */
    public boolean overlaps(DeviceBuffer other) {
        return gpu() == other.gpu() && address() < other.address() + other.size && other.address() < address() + size;
    }

    private synchronized ByteBuf host() {
        var copied = host;
        if (copied == null) {
            copied = ByteBufAllocator.DEFAULT.directBuffer(size, size);
            boolean done = false;
            try {
                memory.read(offset, copied.internalNioBuffer(0, size));
                copied.writerIndex(size);
                CopiedBytes.add(size);
                done = true;
            } finally {
                if (!done) {
                    copied.release();
                }
            }
            host = copied;
        }
        return copied;
    }

    private void write(int index, ByteBuffer from) {
        memory.write(offset + index, from);
    }

    /** What is computed in place there is not what was copied before. */
    private static UnsupportedOperationException bitByBit() {
        return new UnsupportedOperationException("the memory of a GPU is written as a whole");
    }

    @Override
    protected void deallocate() {
        if (host != null) {
            host.release();
        }
        release.run();
    }

    @Override
    public int capacity() {
        return size;
    }

    @Override
    public ByteBuf capacity(int newCapacity) {
        throw bitByBit();
    }

    @Override
    public ByteBufAllocator alloc() {
        return ByteBufAllocator.DEFAULT;
    }

    @Override
    @SuppressWarnings("deprecation") // the one that must be there
    public ByteOrder order() {
        return ByteOrder.BIG_ENDIAN;
    }

    @Override
    public @Nullable ByteBuf unwrap() {
        return null;
    }

    @Override
    public boolean isDirect() {
        return true;
    }

    @Override
    public boolean hasArray() {
        return false;
    }

    @Override
    public byte[] array() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int arrayOffset() {
        throw new UnsupportedOperationException();
    }

    /** The host's copy has one, which would not be this memory's. */
    @Override
    public boolean hasMemoryAddress() {
        return false;
    }

    @Override
    public long memoryAddress() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int nioBufferCount() {
        return 1;
    }

    @Override
    public ByteBuffer nioBuffer(int index, int length) {
        return host().nioBuffer(index, length);
    }

    @Override
    public ByteBuffer internalNioBuffer(int index, int length) {
        return host().internalNioBuffer(index, length);
    }

    @Override
    public ByteBuffer[] nioBuffers(int index, int length) {
        return new ByteBuffer[] {nioBuffer(index, length)};
    }

    @Override
    public ByteBuf copy(int index, int length) {
        return host().copy(index, length);
    }

    @Override
    public ByteBuf getBytes(int index, ByteBuf to, int toIndex, int length) {
        host().getBytes(index, to, toIndex, length);
        return this;
    }

    @Override
    public ByteBuf getBytes(int index, byte[] to, int toIndex, int length) {
        host().getBytes(index, to, toIndex, length);
        return this;
    }

    @Override
    public ByteBuf getBytes(int index, ByteBuffer to) {
        host().getBytes(index, to);
        return this;
    }

    @Override
    public ByteBuf getBytes(int index, OutputStream out, int length) throws IOException {
        host().getBytes(index, out, length);
        return this;
    }

    @Override
    public int getBytes(int index, GatheringByteChannel out, int length) throws IOException {
        return host().getBytes(index, out, length);
    }

    @Override
    public int getBytes(int index, FileChannel out, long position, int length) throws IOException {
        return host().getBytes(index, out, position, length);
    }

    @Override
    public ByteBuf setBytes(int index, ByteBuf from, int fromIndex, int length) {
        checkIndex(index, length);
        write(index, from.nioBuffer(fromIndex, length));
        return this;
    }

    @Override
    public ByteBuf setBytes(int index, byte[] from, int fromIndex, int length) {
        checkIndex(index, length);
        write(index, ByteBuffer.wrap(from, fromIndex, length));
        return this;
    }

    @Override
    public ByteBuf setBytes(int index, ByteBuffer from) {
        checkIndex(index, from.remaining());
        write(index, from);
        return this;
    }

    @Override
    public int setBytes(int index, InputStream in, int length) {
        throw bitByBit();
    }

    @Override
    public int setBytes(int index, ScatteringByteChannel in, int length) {
        throw bitByBit();
    }

    @Override
    public int setBytes(int index, FileChannel in, long position, int length) {
        throw bitByBit();
    }

    @Override
    protected byte _getByte(int index) {
        return host().getByte(index);
    }

    @Override
    protected short _getShort(int index) {
        return host().getShort(index);
    }

    @Override
    protected short _getShortLE(int index) {
        return host().getShortLE(index);
    }

    @Override
    protected int _getUnsignedMedium(int index) {
        return host().getUnsignedMedium(index);
    }

    @Override
    protected int _getUnsignedMediumLE(int index) {
        return host().getUnsignedMediumLE(index);
    }

    @Override
    protected int _getInt(int index) {
        return host().getInt(index);
    }

    @Override
    protected int _getIntLE(int index) {
        return host().getIntLE(index);
    }

    @Override
    protected long _getLong(int index) {
        return host().getLong(index);
    }

    @Override
    protected long _getLongLE(int index) {
        return host().getLongLE(index);
    }

    @Override
    protected void _setByte(int index, int value) {
        throw bitByBit();
    }

    @Override
    protected void _setShort(int index, int value) {
        throw bitByBit();
    }

    @Override
    protected void _setShortLE(int index, int value) {
        throw bitByBit();
    }

    @Override
    protected void _setMedium(int index, int value) {
        throw bitByBit();
    }

    @Override
    protected void _setMediumLE(int index, int value) {
        throw bitByBit();
    }

    @Override
    protected void _setInt(int index, int value) {
        throw bitByBit();
    }

    @Override
    protected void _setIntLE(int index, int value) {
        throw bitByBit();
    }

    @Override
    protected void _setLong(int index, long value) {
        throw bitByBit();
    }

    @Override
    protected void _setLongLE(int index, long value) {
        throw bitByBit();
    }
}
