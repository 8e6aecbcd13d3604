package io.shusuan.agent.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.inference.ByteStrings;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.repository.ServedModel;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** The classification extension: instead of all values the highest, each as {@code value:index[:label]}. */
public final class Classification {
    private Classification() {}

    /** A new tensor, owned by the caller, with the {@code classes} highest elements of each item of the batch. */
    public static Tensor of(Tensor output, int classes, ServedModel model) {
        boolean batched = model.tensors().maxBatchSize() > 0;
        long batch = batched ? output.shape().dim(0) : 1;
        long count = output.shape().elementCount();
        int perItem = batch == 0 ? 0 : Math.toIntExact(count / batch);
        int shown = Math.min(classes, perItem);
        var labels = model.labels(output.name());
        var named = ByteBufAllocator.DEFAULT.buffer();
        boolean done = false;
        try {
            for (int item = 0; item < batch; item++) {
                int first = item * perItem;
                append(named, output, first, perItem, shown, labels);
            }
            done = true;
        } finally {
            if (!done) {
                named.release();
            }
        }
        var shape = batched ? Shape.of(batch, shown) : Shape.of(shown);
        return new Tensor(output.name(), DataType.BYTES, shape, named);
    }

    private static void append(ByteBuf into, Tensor output, int first, int count, int shown, List<String> labels) {
        var value = reader(output);
        IntStream.range(0, count)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -value.applyAsDouble(first + i)))
                .limit(shown)
                .forEach(index -> {
                    var text = String.format(Locale.ROOT, "%f:%d", value.applyAsDouble(first + index), index);
                    if (index < labels.size()) {
                        text += ":" + labels.get(index);
                    }
                    ByteStrings.append(into, text.getBytes(StandardCharsets.UTF_8));
                });
    }

    private static IntToDoubleFunction reader(Tensor output) {
        var data = output.data();
        int begin = data.readerIndex();
        return switch (output.type()) {
            case FP32 -> i -> data.getFloatLE(begin + i * 4);
            case FP64 -> i -> data.getDoubleLE(begin + i * 8);
            case INT32 -> i -> data.getIntLE(begin + i * 4);
            case INT64 -> i -> data.getLongLE(begin + i * 8);
            case UINT8 -> i -> data.getUnsignedByte(begin + i);
            case INT8 -> i -> data.getByte(begin + i);
            case INT16 -> i -> data.getShortLE(begin + i * 2);
            case UINT16 -> i -> data.getUnsignedShortLE(begin + i * 2);
            case UINT32 -> i -> data.getUnsignedIntLE(begin + i * 4);
            case BOOL, UINT64, FP16, BF16, BYTES ->
                throw ServingException.invalid(
                        "class result not available for output '" + output.name() + "' of type " + output.type());
        };
    }
}
