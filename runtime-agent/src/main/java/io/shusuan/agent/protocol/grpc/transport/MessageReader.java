package io.shusuan.agent.protocol.grpc.transport;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Takes a message as it arrives. What it throws ends the call: the bytes are not such a message. */
public interface MessageReader {
    /** Takes so many bytes off the data, which stay the caller's. */
    void read(ByteBuf data, int count) throws IOException;

    /** Where its next bytes belong, of which so many come; null when they are looked at first. */
    default @Nullable ByteBuf place(int bytes) {
        return null;
    }

    /** The message is whole. */
    void end() throws IOException;

    /** The message will not be whole. */
    void drop();
}
