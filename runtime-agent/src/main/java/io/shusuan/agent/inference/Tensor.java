package io.shusuan.agent.inference;

import io.netty.buffer.ByteBuf;

/**
 * A named tensor over a little-endian, row-major buffer. The tensor holds one reference to its buffer; whoever holds the tensor
 * releases it exactly once. {@link DataType#BYTES} elements are laid out as on the wire: a 4-byte length and the bytes.
 */
public record Tensor(String name, DataType type, Shape shape, ByteBuf data) {

    /** The number of bytes a tensor of a fixed-size type must have. */
    public static long byteSize(DataType type, Shape shape) {
        long count = shape.elementCount();
        if (count > Long.MAX_VALUE / 8) {
            throw ServingException.invalid("shape " + shape + " has more elements than a tensor can hold");
        }
        return count * type.size();
    }

    public void release() {
        data.release();
    }
}
