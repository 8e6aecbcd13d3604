package io.shusuan.agent.backend.onnxruntime;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.inference.CopiedBytes;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.lang.foreign.MemorySegment;

/** Tensors on their way to the engine and back. */
final class TensorTransfer {
    private TensorTransfer() {}

    /**
     * The run's next input, over its own memory. Memory that is not direct, or not aligned to the element, is copied first; the copy
     * lives as long as the run.
     */
    static void toEngine(Tensor input, RunMemory run) {
        run.nextInput(input.name());
        if (input.type() == DataType.BYTES) {
            StringTensors.toEngine(input, run);
            return;
        }
        var data = input.data();
        int size = data.readableBytes();
        if (!isUsable(data, input.type())) {
            var copy = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, size));
            run.keep(copy);
            copy.writeBytes(data, data.readerIndex(), size);
            CopiedBytes.add(size);
            data = copy;
        }
        run.inputOver(input.type(), input.shape(), address(data), size);
    }

    /** Whether the engine can read or write there. */
    static boolean isUsable(ByteBuf data, DataType type) {
        return data.isDirect() && data.nioBufferCount() == 1 && address(data) % type.size() == 0;
    }

    static long address(ByteBuf data) {
        return data.hasMemoryAddress()
                ? data.memoryAddress() + data.readerIndex()
                : MemorySegment.ofBuffer(data.nioBuffer()).address();
    }

    /** A tensor with a copy of what the engine allocated itself. */
    static Tensor fromEngine(String name, long value, RunMemory run) {
        long description = run.description(value);
        DataType type;
        Shape shape;
        try {
            int number = run.type(description);
            type = ElementTypes.of(number)
                    .orElseThrow(() -> new ServingException(
                            Reason.BACKEND, "output '" + name + "' has the type " + ElementTypes.foreign(number)));
            shape = run.shape(description);
        } finally {
            run.api().release(OrtFunction.RELEASE_TENSOR_TYPE_AND_SHAPE_INFO, description);
        }
        if (type == DataType.BYTES) {
            return new Tensor(name, type, shape, StringTensors.fromEngine(value, shape, run));
        }
        int size = checkedSize(type, shape);
        if (size == 0) {
            return new Tensor(name, type, shape, ByteBufAllocator.DEFAULT.directBuffer(1));
        }
        var from = OrtApi.memory(run.ask(OrtFunction.GET_TENSOR_MUTABLE_DATA, value), size);
        var buffer = ByteBufAllocator.DEFAULT.directBuffer(size).writeBytes(from.asByteBuffer());
        CopiedBytes.add(size);
        return new Tensor(name, type, shape, buffer);
    }

    static int checkedSize(DataType type, Shape shape) {
        return checkedSize(Tensor.byteSize(type, shape), type, shape);
    }

    static int checkedSize(long size, DataType type, Shape shape) {
        if (size > Integer.MAX_VALUE - 8) {
            throw ServingException.invalid("a tensor of shape " + shape + " and type " + type
                    + " is larger than the 2 GiB one buffer can hold");
        }
        return (int) size;
    }
}
