package io.shusuan.agent.protocol.grpc.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** A client that sends frames as a test wants them, and takes any number of bytes of answers. */
final class RawConnection implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PING = 6;
    static final int END_STREAM = 1;
    static final int PADDED = 8;

    private static final int SETTINGS = 4;
    private static final int GO_AWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int ACK = 1;
    private static final int END_HEADERS = 4;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int WINDOW = 64 << 20;

    private final Socket socket;
    private final DataInputStream in;
    private final Map<Integer, ByteArrayOutputStream> data = new HashMap<>();
    private final Map<Integer, Integer> windows = new HashMap<>();
    private final Set<Integer> ended = new HashSet<>();
    private boolean agreed;
    private int goneAway = -1;

    RawConnection(InetSocketAddress address) throws IOException {
        socket = new Socket(address.getAddress(), address.getPort());
        socket.setSoTimeout(20_000);
        in = new DataInputStream(socket.getInputStream());
        write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        write(frame(
                SETTINGS,
                0,
                0,
                bytes(Unpooled.buffer().writeShort(INITIAL_WINDOW_SIZE).writeInt(WINDOW))));
        write(frame(WINDOW_UPDATE, 0, 0, bytes(Unpooled.buffer().writeInt(WINDOW))));
    }

    /** Takes the server's settings, which it relies on from then on. */
    void agree() throws IOException {
        while (!agreed) {
            read();
        }
    }

    /** Begins a call, with more headers if a test wants them: names and values by turns. */
    void begin(int stream, String path, String... more) throws IOException {
        var headers = Unpooled.buffer();
        header(headers, ":method", "POST");
        header(headers, ":scheme", "http");
        header(headers, ":path", path);
        header(headers, ":authority", "x");
        header(headers, "content-type", "application/grpc");
        for (int i = 0; i < more.length; i += 2) {
            header(headers, more[i], more[i + 1]);
        }
        write(frame(HEADERS, END_HEADERS, stream, bytes(headers)));
    }

    private static void header(ByteBuf into, String name, String value) {
        into.writeByte(0);
        text(into, name);
        text(into, value);
    }

    /** Without compression: the length in seven bits, and what is above them in groups of seven more. */
    private static void text(ByteBuf into, String text) {
        if (text.length() < 127) {
            into.writeByte(text.length());
        } else {
            into.writeByte(127);
            int more = text.length() - 127;
            for (; more > 127; more >>= 7) {
                into.writeByte((more & 127) | 128);
            }
            into.writeByte(more);
        }
        into.writeCharSequence(text, StandardCharsets.US_ASCII);
    }

    static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return bytes(Unpooled.buffer()
                .writeMedium(payload.length)
                .writeByte(type)
                .writeByte(flags)
                .writeInt(stream)
                .writeBytes(payload));
    }

    private static byte[] bytes(ByteBuf buffer) {
        return Arrays.copyOf(buffer.array(), buffer.readableBytes());
    }

    void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** Waits until the server lets a stream send so many bytes beyond what it may from the beginning. */
    void awaitWindow(int stream, int bytes) throws IOException {
        while (windows.getOrDefault(stream, 0) < bytes) {
            read();
        }
    }

    /** Waits until the server has sent so many bytes on a stream; returns how much it lets the stream send beyond what it may from the beginning. */
    int windowAfter(int stream, int bytes) throws IOException {
        while (!data.containsKey(stream) || data.get(stream).size() < bytes) {
            read();
        }
        return windows.getOrDefault(stream, 0);
    }

    /** All the data of a stream that the server has ended. */
    byte[] answer(int stream) throws IOException {
        while (!ended.contains(stream)) {
            read();
        }
        return data.getOrDefault(stream, new ByteArrayOutputStream()).toByteArray();
    }

    /** Why the server ends the connection. */
    int error() throws IOException {
        while (goneAway < 0) {
            read();
        }
        return goneAway;
    }

    private void read() throws IOException {
        int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        var payload = in.readNBytes(length);
        switch (type) {
            case DATA ->
                data.computeIfAbsent(stream, _ -> new ByteArrayOutputStream()).writeBytes(payload);
            case WINDOW_UPDATE ->
                windows.merge(stream, Unpooled.wrappedBuffer(payload).readInt(), Integer::sum);
            case GO_AWAY -> goneAway = Unpooled.wrappedBuffer(payload).getInt(4);
            case SETTINGS -> {
                if ((flags & ACK) == 0) {
                    agreed = true;
                    write(frame(SETTINGS, ACK, 0, new byte[0]));
                }
            }
            default -> {
                // nothing that a test waits for
            }
        }
        if ((type == DATA || type == HEADERS) && (flags & END_STREAM) != 0) {
            ended.add(stream);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
