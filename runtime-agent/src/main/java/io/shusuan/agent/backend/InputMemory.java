package io.shusuan.agent.backend;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Where the inputs of a batch are gathered: where their instance wants them. */
public interface InputMemory {
    InputMemory ANY = (_, bytes) -> ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, bytes));

    /** A buffer with room for so much, which the caller owns. */
    ByteBuf of(String input, int bytes);
}
