package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.NativeHandle;
import io.shusuan.agent.inference.DeviceBuffer;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one tensor of one instance: on the device, and pinned on the host. Both are made when first needed and grow to the next
 * power of two, so an instance comes to rest at what its largest request needed.
 */
final class Buffers implements AutoCloseable {
    /** CUDA aligns memory to so much, and an address is needed even for a tensor without elements. */
    private static final long LEAST = 256;

    private final NativeCalls calls;
    private final String tensor;
    private @Nullable NativeHandle device;
    private @Nullable NativeHandle pinned;
    private long deviceBytes;
    private long pinnedBytes;
    private ByteBuffer view = ByteBuffer.allocate(0);

    Buffers(NativeCalls calls, String tensor) {
        this.calls = calls;
        this.tensor = tensor;
    }

    /** The address of at least so much device memory; what was there before is gone when it had to grow. */
    long device(long bytes) {
        var memory = device;
        if (memory == null || deviceBytes < bytes) {
            closeDevice();
            long size = size(bytes);
            memory = NativeHandle.adopt("device memory of " + tensor, calls.allocateDevice(size), calls::freeDevice);
            device = memory;
            deviceBytes = size;
        }
        return memory.address();
    }

    /** The address of at least so much pinned memory. */
    @SuppressWarnings("restricted") // the memory is ours and as long as we say
    long pinned(int bytes) {
        var memory = pinned;
        if (memory == null || pinnedBytes < bytes) {
            closePinned();
            long size = Math.min(size(bytes), Integer.MAX_VALUE - 8);
            memory = NativeHandle.adopt("pinned memory of " + tensor, calls.allocatePinned(size), calls::freePinned);
            pinned = memory;
            pinnedBytes = size;
            view = MemorySegment.ofAddress(memory.address()).reinterpret(size).asByteBuffer();
        }
        return memory.address();
    }

    /** The first bytes of the pinned memory, which is at least so large already. */
    ByteBuffer view(int bytes) {
        return view.slice(0, bytes);
    }

    /** What is made for so many bytes. */
    static long size(long bytes) {
        return bytes <= LEAST ? LEAST : Long.highestOneBit(bytes - 1) << 1;
    }

    /** Whether a run on a GPU can work in it. */
    static boolean isUsable(DeviceBuffer memory, int gpu) {
        return memory.gpu() == gpu && memory.address() % LEAST == 0;
    }

    private void closeDevice() {
        if (device != null) {
            device.close();
            device = null;
        }
    }

    private void closePinned() {
        if (pinned != null) {
            pinned.close();
            pinned = null;
            view = ByteBuffer.allocate(0);
        }
    }

    @Override
    public void close() {
        closeDevice();
        closePinned();
    }
}
