package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.NativeHandle;
import org.jspecify.annotations.Nullable;

/**
 * What the contexts of one instance compute with on the way: one piece of device memory for all of them, as large as the largest profile
 * needs. They may share it because they run on one stream, one after the other.
 */
final class Activations implements AutoCloseable {
    private final @Nullable NativeHandle memory;
    private final long bytes;

    private Activations(@Nullable NativeHandle memory, long bytes) {
        this.memory = memory;
        this.bytes = bytes;
    }

    static Activations make(NativeCalls calls, long engine) {
        long bytes = calls.contextBytes(engine);
        return new Activations(
                bytes == 0
                        ? null
                        : NativeHandle.adopt("memory of contexts", calls.allocateDevice(bytes), calls::freeDevice),
                bytes);
    }

    long address() {
        return memory == null ? 0 : memory.address();
    }

    long bytes() {
        return bytes;
    }

    /** After the contexts. */
    @Override
    public void close() {
        if (memory != null) {
            memory.close();
        }
    }
}
