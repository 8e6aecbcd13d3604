package io.shusuan.agent.backend.onnxruntime;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.inference.CopiedBytes;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Tensors of strings, which the engine has as objects of its own: they are copied both ways, as bytes. What they mean is the model's
 * affair, and a zero among them is a byte like others.
 */
final class StringTensors {
    private static final int LENGTH = Integer.BYTES;
    private static final ValueLayout.OfInt WIRE_INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private StringTensors() {}

    /** Fills the run's newest input. */
    static void toEngine(Tensor input, RunMemory run) {
        var data = input.data();
        long count = input.shape().elementCount();
        long tensor = run.inputOfStrings(input.shape());
        int at = data.readerIndex();
        for (long index = 0; index < count; index++) {
            long left = (long) data.writerIndex() - at - LENGTH;
            int length = left < 0 ? -1 : data.getIntLE(at);
            if (length < 0 || length > left) {
                throw ServingException.invalid("input '" + input.name() + "' has fewer than " + count + " strings");
            }
            at += LENGTH;
            long place = run.stringOf(tensor, index, length);
            if (length > 0) {
                data.getBytes(at, OrtApi.memory(place, length).asByteBuffer());
            }
            at += length;
        }
        CopiedBytes.add(at - data.readerIndex());
    }

    /** Each with its length before it. The caller owns the buffer. */
    static ByteBuf fromEngine(long tensor, Shape shape, RunMemory run) {
        long count = shape.elementCount();
        long bytes = run.ask(OrtFunction.GET_STRING_TENSOR_DATA_LENGTH, tensor);
        int size = TensorTransfer.checkedSize(
                Math.addExact(Math.multiplyExact(count, LENGTH), bytes), DataType.BYTES, shape);
        var buffer = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, size)).writerIndex(size);
        var offsets = ByteBufAllocator.DEFAULT.directBuffer(
                Math.max(1, TensorTransfer.checkedSize(count * Long.BYTES, DataType.BYTES, shape)));
        boolean complete = false;
        try {
            var answer = OrtApi.memory(TensorTransfer.address(buffer), size);
            var begins = OrtApi.memory(TensorTransfer.address(offsets), count * Long.BYTES);
            long contents = count * LENGTH;
            run.api()
                    .call(
                            OrtFunction.GET_STRING_TENSOR_CONTENT,
                            tensor,
                            answer.address() + contents,
                            bytes,
                            begins.address(),
                            count);
            spread(answer, begins, count, bytes);
            CopiedBytes.add(size);
            complete = true;
            return buffer;
        } finally {
            offsets.release();
            if (!complete) {
                buffer.release();
            }
        }
    }

    /**
     * The strings lie at the end, without their lengths. Each moves forward by as many lengths as are still to come behind it, so none is
     * written over before it has moved.
     */
    private static void spread(MemorySegment answer, MemorySegment begins, long count, long bytes) {
        for (long index = 0; index < count; index++) {
            long begin = begins.get(ValueLayout.JAVA_LONG_UNALIGNED, index * Long.BYTES);
            long end =
                    index + 1 < count ? begins.get(ValueLayout.JAVA_LONG_UNALIGNED, (index + 1) * Long.BYTES) : bytes;
            long to = index * LENGTH + begin;
            answer.set(WIRE_INT, to, (int) (end - begin));
            MemorySegment.copy(answer, count * LENGTH + begin, answer, to + LENGTH, end - begin);
        }
    }
}
