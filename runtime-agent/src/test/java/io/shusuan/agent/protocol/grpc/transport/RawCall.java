package io.shusuan.agent.protocol.grpc.transport;

import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;

/** A client that sends less of a message than it said. */
final class RawCall implements AutoCloseable {
    private static final int MAX_FRAME = 16_384;
    private final RawConnection connection;

    RawCall(InetSocketAddress address, String path) throws IOException {
        connection = new RawConnection(address);
        connection.begin(1, path);
    }

    /** A message of so many bytes, of which these are sent, as far as the windows let them. */
    void halfMessage(int announced, byte[] begun) throws IOException {
        var prefix = Unpooled.buffer().writeByte(0).writeInt(announced);
        frame(0, Arrays.copyOf(prefix.array(), 5));
        int sent = Math.min(begun.length, 60_000);
        for (int from = 0; from < sent; from += MAX_FRAME) {
            frame(0, Arrays.copyOfRange(begun, from, Math.min(sent, from + MAX_FRAME)));
        }
    }

    /** Data; with flag 1 the last. */
    void frame(int flags, byte[] data) throws IOException {
        connection.write(RawConnection.frame(RawConnection.DATA, flags, 1, data));
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
