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
import java.util.List;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;
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
        var values = values(output);
        IntStream.range(0, count)
                .boxed()
                .sorted((one, other) -> values.compare(first + other, first + one))
                .limit(shown)
                .forEach(index -> {
                    var text = values.text(first + index) + ":" + index;
                    if (index < labels.size()) {
                        text += ":" + labels.get(index);
                    }
                    ByteStrings.append(into, text.getBytes(StandardCharsets.UTF_8));
                });
    }

    /** The elements of a tensor, by their places. */
    private sealed interface Values {
        int compare(int one, int other);

        String text(int index);

        /** What is not a number is the lowest. */
        record Reals(IntToDoubleFunction values) implements Values {
            @Override
            public int compare(int one, int other) {
                double first = values.applyAsDouble(one);
                double second = values.applyAsDouble(other);
                return Double.isNaN(first) || Double.isNaN(second)
                        ? Boolean.compare(Double.isNaN(second), Double.isNaN(first))
                        : Double.compare(first, second);
            }

            @Override
            public String text(int index) {
                double value = values.applyAsDouble(index);
                if (Double.isNaN(value)) {
                    return "nan";
                }
                if (Double.isInfinite(value)) {
                    return value > 0 ? "inf" : "-inf";
                }
                return String.format(Locale.ROOT, "%f", value);
            }
        }

        record Wholes(IntToLongFunction values) implements Values {
            @Override
            public int compare(int one, int other) {
                return Long.compare(values.applyAsLong(one), values.applyAsLong(other));
            }

            @Override
            public String text(int index) {
                return Long.toString(values.applyAsLong(index));
            }
        }

        record Unsigned(IntToLongFunction values) implements Values {
            @Override
            public int compare(int one, int other) {
                return Long.compareUnsigned(values.applyAsLong(one), values.applyAsLong(other));
            }

            @Override
            public String text(int index) {
                return Long.toUnsignedString(values.applyAsLong(index));
            }
        }
    }

    private static Values values(Tensor output) {
        var data = output.data();
        int begin = data.readerIndex();
        return switch (output.type()) {
            case FP32 -> new Values.Reals(i -> data.getFloatLE(begin + i * 4));
            case FP64 -> new Values.Reals(i -> data.getDoubleLE(begin + i * 8));
            case INT8 -> new Values.Wholes(i -> data.getByte(begin + i));
            case INT16 -> new Values.Wholes(i -> data.getShortLE(begin + i * 2));
            case INT32 -> new Values.Wholes(i -> data.getIntLE(begin + i * 4));
            case INT64 -> new Values.Wholes(i -> data.getLongLE(begin + i * 8));
            case UINT8 -> new Values.Wholes(i -> data.getUnsignedByte(begin + i));
            case UINT16 -> new Values.Wholes(i -> data.getUnsignedShortLE(begin + i * 2));
            case UINT32 -> new Values.Wholes(i -> data.getUnsignedIntLE(begin + i * 4));
            case UINT64 -> new Values.Unsigned(i -> data.getLongLE(begin + i * 8));
            case BOOL, FP16, BF16, BYTES ->
                throw ServingException.invalid(
                        "class result not available for output '" + output.name() + "' of type " + output.type());
        };
    }
}
