package io.shusuan.agent.inference;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/**
 * Tensors whose values are sizes: an engine makes shapes of them. A model with batches has the batch as their first value, not as their
 * first dimension, so they are the same for all requests of a batch but for that.
 */
public final class ShapeTensor {
    private ShapeTensor() {}

    /** Whether such a tensor may have this type. */
    public static boolean allows(DataType type) {
        return type == DataType.INT32 || type == DataType.INT64;
    }

    /** What a model with batches calls a tensor of these dimensions, which leave the batch out. */
    public static Shape batched(Shape dims, boolean shapeTensor, long batch) {
        if (!shapeTensor) {
            return dims.batchedBy(batch);
        }
        return dims.rank() == 0 ? Shape.of(1) : dims.withBatch(dims.dim(0) + 1);
    }

    /** Its values, in the place of dimensions. */
    public static Shape values(Tensor tensor) {
        long[] values = new long[(int) tensor.shape().elementCount()];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(tensor.data(), tensor.type(), i);
        }
        return Shape.of(values);
    }

    /** The batch that it tells; none where it has no values. */
    public static long batch(Tensor tensor) {
        return tensor.data().readableBytes() < tensor.type().size() ? 0 : value(tensor.data(), tensor.type(), 0);
    }

    private static long value(ByteBuf data, DataType type, int index) {
        int at = data.readerIndex() + index * type.size();
        return type == DataType.INT32 ? data.getIntLE(at) : data.getLongLE(at);
    }

    /** Whether two requests may run together as far as these are concerned. */
    public static boolean equalButForBatch(Tensor one, Tensor other) {
        int first = one.type().size();
        int rest = one.data().readableBytes() - first;
        return one.shape().equals(other.shape())
                && one.data().readableBytes() == other.data().readableBytes()
                && (rest <= 0
                        || ByteBufUtil.equals(
                                one.data(),
                                one.data().readerIndex() + first,
                                other.data(),
                                other.data().readerIndex() + first,
                                rest));
    }

    /** The same values with another batch, in memory that has room for them and is the answer's from now on. */
    public static Tensor withBatch(Tensor tensor, long batch, ByteBuf memory) {
        memory.writeBytes(
                tensor.data(), tensor.data().readerIndex(), tensor.data().readableBytes());
        var changed = new Tensor(tensor.name(), tensor.type(), tensor.shape(), memory);
        setBatch(changed, batch);
        return changed;
    }

    public static void setBatch(Tensor tensor, long batch) {
        int at = tensor.data().readerIndex();
        if (tensor.type() == DataType.INT32) {
            tensor.data().setIntLE(at, (int) batch);
        } else {
            tensor.data().setLongLE(at, batch);
        }
    }
}
