package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.NativeHandle;
import io.shusuan.agent.backend.gpu.Gpus;
import io.shusuan.agent.inference.DeviceMemory;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BiConsumer;

/** Memory of a GPU that another process shares, opened through CUDA. Threads of all kinds come here, so each call names the GPU. */
final class SharedDeviceMemory implements DeviceMemory {
    private final NativeCalls calls;
    private final Gpus gpus;
    private final int gpu;
    private final NativeHandle memory;

    private SharedDeviceMemory(NativeCalls calls, Gpus gpus, int gpu, NativeHandle memory) {
        this.calls = calls;
        this.gpus = gpus;
        this.gpu = gpu;
        this.memory = memory;
    }

    static DeviceMemory open(NativeCalls calls, Gpus gpus, int gpu, byte[] handle, long bytes) {
        var present = calls.versions().gpus().stream().map(Versions.Gpu::number).toList();
        requireThere(gpu, present);
        gpus.check(gpu);
        try {
            calls.useGpu(gpu);
            var memory = NativeHandle.adopt("shared memory of GPU " + gpu, calls.openShared(handle), address -> {
                useQuietly(calls, gpus, gpu);
                calls.closeShared(address);
            });
            boolean whole = false;
            try {
                long there = calls.sharedBytes(memory.address());
                if (bytes > there) {
                    throw ServingException.invalid("failed to register CUDA shared memory region: it ends at byte "
                            + bytes + " and the memory of the handle has " + there);
                }
                whole = true;
                return new SharedDeviceMemory(calls, gpus, gpu, memory);
            } finally {
                if (!whole) {
                    memory.close();
                }
            }
        } catch (NativeException failed) {
            gpus.failed(gpu, failed);
            gpus.check(gpu);
            throw ServingException.invalid("failed to register CUDA shared memory region: " + failed.text()
                    + "; the handle must be of memory that a living process on this machine has allocated on GPU "
                    + gpu);
        }
    }

    private static void requireThere(int gpu, List<Integer> present) {
        if (!present.contains(gpu)) {
            throw ServingException.invalid("failed to register CUDA shared memory region: there is no GPU " + gpu
                    + ", this machine has " + present);
        }
    }

    private static void useQuietly(NativeCalls calls, Gpus gpus, int gpu) {
        try {
            calls.useGpu(gpu);
        } catch (NativeException failed) {
            gpus.failed(gpu, failed);
        }
    }

    @Override
    public int gpu() {
        return gpu;
    }

    @Override
    public long address() {
        return memory.address();
    }

    @Override
    public void read(long offset, ByteBuffer host) {
        copy(host, (address, bytes) -> calls.read(address, address() + offset, bytes));
    }

    @Override
    public void write(long offset, ByteBuffer host) {
        copy(host, (address, bytes) -> calls.write(address() + offset, address, bytes));
    }

    private void copy(ByteBuffer host, BiConsumer<Long, Long> way) {
        gpus.check(gpu);
        try (var arena = Arena.ofConfined()) {
            calls.useGpu(gpu);
            var bytes = MemorySegment.ofBuffer(host);
            way.accept(
                    (bytes.isNative() ? bytes : arena.allocate(bytes.byteSize()).copyFrom(bytes)).address(),
                    bytes.byteSize());
        } catch (NativeException failed) {
            gpus.failed(gpu, failed);
            gpus.check(gpu);
            throw new ServingException(Reason.BACKEND, failed.text());
        }
    }

    @Override
    public void close() {
        memory.close();
    }
}
