package io.shusuan.agent.protocol.grpc.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A client that sends less of a message than it said. */
final class RawCall implements AutoCloseable {
    private static final int MAX_FRAME = 16_384;
    private final Socket socket;

    RawCall(InetSocketAddress address, String path) throws IOException {
        socket = new Socket(address.getAddress(), address.getPort());
        var out = socket.getOutputStream();
        out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        out.write(frame(4, 0, 0, new byte[0]));
        var headers = Unpooled.buffer();
        header(headers, ":method", "POST");
        header(headers, ":scheme", "http");
        header(headers, ":path", path);
        header(headers, ":authority", "x");
        header(headers, "content-type", "application/grpc");
        var block = new byte[headers.readableBytes()];
        headers.readBytes(block);
        out.write(frame(1, 4, 1, block));
        out.flush();
    }

    /** A message of so many bytes, of which these are sent, as far as the windows let them. */
    void halfMessage(int announced, byte[] begun) throws IOException {
        var out = socket.getOutputStream();
        var prefix = Unpooled.buffer().writeByte(0).writeInt(announced);
        out.write(frame(0, 0, 1, Arrays.copyOf(prefix.array(), 5)));
        int sent = Math.min(begun.length, 60_000);
        for (int from = 0; from < sent; from += MAX_FRAME) {
            out.write(frame(0, 0, 1, Arrays.copyOfRange(begun, from, Math.min(sent, from + MAX_FRAME))));
        }
        out.flush();
    }

    /** Data; with flag 1 the last. */
    void frame(int flags, byte[] data) throws IOException {
        socket.getOutputStream().write(frame(0, flags, 1, data));
    }

    private static void header(ByteBuf into, String name, String value) {
        into.writeByte(0).writeByte(name.length());
        into.writeCharSequence(name, StandardCharsets.US_ASCII);
        into.writeByte(value.length());
        into.writeCharSequence(value, StandardCharsets.US_ASCII);
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        var frame = Unpooled.buffer()
                .writeMedium(payload.length)
                .writeByte(type)
                .writeByte(flags)
                .writeInt(stream)
                .writeBytes(payload);
        return Arrays.copyOf(frame.array(), frame.readableBytes());
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
