package io.shusuan.agent.backend.tensorrt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shusuan.agent.inference.CopiedBytes;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** An input of one instance: its memory, and what the context knows of it already. */
final class InputBinding implements AutoCloseable {
    private final NativeCalls calls;
    private final String name;
    private final Buffers buffers;
    private @Nullable Shape shape;
    private long address;

    InputBinding(NativeCalls calls, Binding binding) {
        this.calls = calls;
        this.name = binding.name();
        this.buffers = new Buffers(calls, "input '" + binding.name() + "'");
    }

    /** Where a batch is gathered. The memory is the instance's, whatever becomes of the buffer, and good until the next call. */
    ByteBuf memory(int bytes) {
        buffers.pinned(bytes);
        return Unpooled.wrappedBuffer(buffers.view(bytes)).clear();
    }

    /** Puts the way of the tensor to the GPU on the stream. A batch that was gathered here lies where it must already. */
    void put(Tensor tensor, long context, long stream) {
        int bytes = tensor.data().readableBytes();
        long pinned = buffers.pinned(bytes);
        if (bytes > 0 && !liesAt(pinned, tensor.data())) {
            tensor.data().getBytes(tensor.data().readerIndex(), buffers.view(bytes));
            CopiedBytes.add(bytes);
        }
        long device = buffers.device(bytes);
        if (bytes > 0) {
            calls.copyToDevice(device, pinned, bytes, stream);
        }
        if (shape == null || !shape.equals(tensor.shape())) {
            shape = null;
            calls.setInputShape(context, name, tensor.shape());
            shape = tensor.shape();
        }
        if (device != address) {
            address = 0;
            calls.setAddress(context, name, device);
            address = device;
        }
    }

    private static boolean liesAt(long pinned, ByteBuf data) {
        return data.isDirect()
                && data.nioBufferCount() == 1
                && MemorySegment.ofBuffer(data.nioBuffer()).address() == pinned;
    }

    /** Another profile knows no shapes yet. */
    void forgetShape() {
        shape = null;
    }

    @Override
    public void close() {
        buffers.close();
    }
}
