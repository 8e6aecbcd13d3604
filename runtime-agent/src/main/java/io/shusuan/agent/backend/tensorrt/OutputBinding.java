package io.shusuan.agent.backend.tensorrt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.inference.CopiedBytes;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.DeviceBuffer;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An output of one lane. Where its shape follows from the inputs' it is given memory before the run; where only the run tells, the
 * engine asks for memory on the way.
 */
final class OutputBinding implements NativeCalls.LateOutput, AutoCloseable {
    private final NativeCalls calls;
    private final int gpu;
    private final String name;
    private final DataType type;
    private final boolean host;
    private final Buffers buffers;
    private Shape shape = Shape.of();
    private @Nullable NativeException refusal;
    /** Where the caller wants it on the GPU, until the run was answered. */
    private @Nullable DeviceBuffer wanted;
    /** Whether the present run leaves it there. */
    private boolean inPlace;

    OutputBinding(NativeCalls calls, int gpu, Binding binding) {
        this.calls = calls;
        this.gpu = gpu;
        this.name = binding.name();
        this.type = binding.type().orElseThrow();
        this.host = binding.host();
        this.buffers = new Buffers(calls, "output '" + binding.name() + "'");
    }

    String name() {
        return name;
    }

    /** Says where the caller wants it; answers whether the run can leave it there if it is not too large. */
    boolean wants(@Nullable ByteBuf place) {
        wanted = !host && place instanceof DeviceBuffer there && Buffers.isUsable(there, gpu) ? there : null;
        inPlace = false;
        return wanted != null;
    }

    /** Gives the run memory for it; all inputs have their shapes. */
    void prepare(PlanContext context) {
        refusal = null;
        shape = context.shape(name);
        if (shape.isFixed()) {
            context.output(name, place(size()));
        } else {
            context.later(name, this);
        }
    }

    /** A shape tensor is written by the host, into the memory that answers are made from. */
    private long place(int bytes) {
        if (host) {
            return buffers.pinned(bytes);
        }
        var there = wanted;
        if (there == null || there.capacity() < bytes) {
            return buffers.device(bytes);
        }
        inPlace = true;
        return there.address();
    }

    /** The same where the shape is known already, for a run that goes by a graph. */
    long prepare(Shape known) {
        refusal = null;
        shape = known;
        return buffers.device(size());
    }

    Shape shape() {
        return shape;
    }

    /** Where the run leaves it, when the shape is known before. */
    long address() {
        return buffers.device(size());
    }

    @Override
    public long allocate(long bytes) {
        try {
            return buffers.device(bytes);
        } catch (NativeException failed) {
            refusal = failed;
            return 0;
        }
    }

    @Override
    public void shapeIs(Shape told) {
        shape = told;
    }

    /** Why the run got no memory when it asked for it. */
    Optional<NativeException> refusal() {
        return Optional.ofNullable(refusal);
    }

    /** Puts the way back on the stream. */
    void fetch(long stream) {
        if (!shape.isFixed()) {
            throw new ServingException(Reason.BACKEND, "the engine did not tell the shape of output '" + name + "'");
        }
        if (inPlace || host) {
            return;
        }
        int bytes = size();
        long pinned = buffers.pinned(bytes);
        if (bytes > 0) {
            calls.copyToHost(pinned, buffers.device(bytes), bytes, stream);
        }
    }

    /** The output in memory of the answer's, or in the caller's; the stream has come to its end. */
    Tensor answer(InferenceRequest request) {
        int bytes = size();
        if (inPlace && wanted != null) {
            return new Tensor(name, type, shape, wanted.retainedSlice(0, bytes));
        }
        var data = memoryFor(request, bytes);
        data.writeBytes(buffers.view(bytes));
        CopiedBytes.add(bytes);
        return new Tensor(name, type, shape, data);
    }

    private ByteBuf memoryFor(InferenceRequest request, int bytes) {
        var place = request.place(name, bytes);
        return place == null
                ? ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, bytes), Math.max(1, bytes))
                : place.clear();
    }

    private int size() {
        long bytes = Tensor.byteSize(type, shape);
        if (bytes > Integer.MAX_VALUE - 8) {
            throw ServingException.invalid("output '" + name + "' of shape " + shape + " and type " + type
                    + " is larger than the 2 GiB one buffer can hold");
        }
        return (int) bytes;
    }

    @Override
    public void close() {
        buffers.close();
    }
}
