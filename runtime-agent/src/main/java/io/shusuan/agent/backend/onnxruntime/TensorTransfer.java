package io.shusuan.agent.backend.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.inference.ByteStrings;
import io.shusuan.agent.inference.CopiedBytes;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Tensors on their way to the engine and back. */
final class TensorTransfer {
    private TensorTransfer() {}

    /**
     * A handle over the input's own memory. Memory that is not direct, or not aligned to the element, is copied first; the copy lives
     * in {@code handles}.
     */
    static OnnxTensor toEngine(OrtEnvironment environment, Tensor input, NativeTensors handles) throws OrtException {
        if (input.type() == DataType.BYTES) {
            return OnnxTensor.createTensor(
                    environment, ByteStrings.texts(input), input.shape().toArray());
        }
        if (isUsable(input.data(), input.type())) {
            return overBuffer(environment, input);
        }
        int size = input.data().readableBytes();
        var copy = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, size));
        handles.keep(copy);
        copy.writeBytes(input.data(), input.data().readerIndex(), size);
        CopiedBytes.add(size);
        return overBuffer(environment, new Tensor(input.name(), input.type(), input.shape(), copy));
    }

    /** Whether the engine can read or write there. */
    static boolean isUsable(ByteBuf data, DataType type) {
        return data.isDirect() && data.nioBufferCount() == 1 && address(data) % type.size() == 0;
    }

    private static long address(ByteBuf data) {
        return data.hasMemoryAddress()
                ? data.memoryAddress() + data.readerIndex()
                : MemorySegment.ofBuffer(data.nioBuffer()).address();
    }

    /** A handle over a direct buffer, which must outlive it. */
    static OnnxTensor overBuffer(OrtEnvironment environment, Tensor tensor) throws OrtException {
        var type = ElementTypes.creatable(tensor.type()).orElseThrow();
        ByteBuffer view = tensor.data()
                .nioBuffer(tensor.data().readerIndex(), tensor.data().readableBytes())
                .order(ByteOrder.nativeOrder());
        return OnnxTensor.createTensor(environment, view, tensor.shape().toArray(), type);
    }

    /** A tensor with a copy of what the engine allocated itself. */
    static Tensor fromEngine(String name, OnnxTensor value) throws OrtException {
        var info = value.getInfo();
        var type = ElementTypes.of(info)
                .orElseThrow(() ->
                        new ServingException(Reason.BACKEND, "output '" + name + "' has the type " + info.onnxType));
        var shape = Shape.of(info.getShape());
        if (type == DataType.BYTES) {
            var texts = new ArrayList<String>();
            flatten(value.getValue(), texts);
            return new Tensor(name, type, shape, ByteStrings.encode(texts));
        }
        int size = checkedSize(type, shape);
        var buffer = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, size));
        if (size > 0) {
            buffer.writeBytes(value.getByteBuffer());
            CopiedBytes.add(size);
        }
        return new Tensor(name, type, shape, buffer);
    }

    static int checkedSize(DataType type, Shape shape) {
        long size = Tensor.byteSize(type, shape);
        if (size > Integer.MAX_VALUE - 8) {
            throw ServingException.invalid("a tensor of shape " + shape + " and type " + type
                    + " is larger than the 2 GiB one buffer can hold");
        }
        return (int) size;
    }

    private static void flatten(Object value, List<String> into) {
        if (value instanceof Object[] array) {
            for (var element : array) {
                flatten(element, into);
            }
        } else {
            into.add((String) value);
        }
    }
}
