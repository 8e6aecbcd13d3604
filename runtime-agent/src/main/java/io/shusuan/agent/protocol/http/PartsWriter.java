package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;

/** An answer whose parts are sent one after the other. One thread writes at a time. */
public interface PartsWriter {
    /**
     * Sends a part, which is taken over, also when this throws. Off the connection's thread it waits while the caller reads slowly.
     *
     * @throws io.shusuan.agent.inference.ServingException CANCELLED when the caller has gone, or reads nothing for too long
     */
    void write(ByteBuf part);

    /** Ends the answer. Without it the caller waits for more. */
    void end();
}
