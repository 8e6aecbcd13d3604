package io.shusuan.agent.backend.tensorrt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shusuan.agent.inference.CopiedBytes;
import io.shusuan.agent.inference.DeviceBuffer;
import io.shusuan.agent.inference.Tensor;
import java.lang.foreign.MemorySegment;

/** An input of one lane, with its memory. */
final class InputBinding implements AutoCloseable {
    private final NativeCalls calls;
    private final int gpu;
    private final boolean host;
    private final Buffers buffers;

    InputBinding(NativeCalls calls, int gpu, Binding binding) {
        this.calls = calls;
        this.gpu = gpu;
        this.host = binding.host();
        this.buffers = new Buffers(calls, "input '" + binding.name() + "'");
    }

    /** Where a batch is gathered. The memory is the lane's, whatever becomes of the buffer, and good until the next call. */
    ByteBuf memory(int bytes) {
        buffers.pinned(bytes);
        return Unpooled.wrappedBuffer(buffers.view(bytes)).clear();
    }

    /**
     * Puts the way of the tensor to the GPU on the stream. A batch that was gathered here lies where it must already; a shape tensor stays in
     * the host's memory.
     *
     * @return where it will be
     */
    long put(Tensor tensor, long stream) {
        if (liesOnGpu(tensor) && tensor.data() instanceof DeviceBuffer there) {
            return there.address();
        }
        int bytes = tensor.data().readableBytes();
        long pinned = buffers.pinned(bytes);
        if (bytes > 0 && !liesAt(pinned, tensor.data())) {
            tensor.data().getBytes(tensor.data().readerIndex(), buffers.view(bytes));
            CopiedBytes.add(bytes);
        }
        if (host) {
            return pinned;
        }
        long device = buffers.device(bytes);
        if (bytes > 0) {
            calls.copyToDevice(device, pinned, bytes, stream);
        }
        return device;
    }

    /** Whether the run can read it where it is. */
    boolean liesOnGpu(Tensor tensor) {
        return !host && tensor.data() instanceof DeviceBuffer there && Buffers.isUsable(there, gpu);
    }

    boolean isHost() {
        return host;
    }

    private static boolean liesAt(long pinned, ByteBuf data) {
        return data.isDirect()
                && data.nioBufferCount() == 1
                && MemorySegment.ofBuffer(data.nioBuffer()).address() == pinned;
    }

    @Override
    public void close() {
        buffers.close();
    }
}
