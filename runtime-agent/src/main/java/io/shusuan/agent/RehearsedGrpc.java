package io.shusuan.agent;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;

/**
 * Calls an agent over gRPC as far as a rehearsal needs it: one call after the other on one connection, without compression of headers. A client of a library would
 * leave its own classes in the cache, which no agent needs.
 */
final class RehearsedGrpc implements AutoCloseable {
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private static final String CALL = "/inference.GRPCInferenceService/ModelInfer";
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int SETTINGS = 4;
    private static final int END_STREAM = 1;
    private static final int ACKNOWLEDGED = 1;
    private static final int END_HEADERS = 4;
    private static final int PATIENCE_MILLIS = 30_000;

    private final Socket socket = new Socket();
    private final OutputStream out;
    private final DataInputStream in;
    private int stream = -1;

    RehearsedGrpc(InetSocketAddress address) throws IOException {
        socket.connect(address);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        out = socket.getOutputStream();
        in = new DataInputStream(socket.getInputStream());
        out.write(PREFACE.getBytes(US_ASCII));
        send(SETTINGS, 0, 0, new byte[0]);
    }

    void infer(ModelInferRequest request) throws IOException {
        var message = request.toByteArray();
        stream += 2;
        send(HEADERS, END_HEADERS, stream, headers());
        var prefix = ByteBuffer.allocate(5).put((byte) 0).putInt(message.length);
        send(DATA, END_STREAM, stream, joined(prefix.array(), message));
        awaitAnswer();
    }

    private void awaitAnswer() throws IOException {
        boolean answered = false;
        while (true) {
            int lengthAndType = in.readInt();
            int flags = in.readUnsignedByte();
            int of = in.readInt();
            int type = lengthAndType & 0xff;
            var payload = in.readNBytes(lengthAndType >>> 8);
            if (type == SETTINGS && (flags & ACKNOWLEDGED) == 0) {
                send(SETTINGS, ACKNOWLEDGED, 0, new byte[0]);
            }
            answered |= type == DATA && of == stream && payload.length > 0;
            if (of == stream && (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0) {
                if (!answered) {
                    throw new IOException("the agent refused a gRPC call");
                }
                return;
            }
        }
    }

    private void send(int type, int flags, int of, byte[] payload) throws IOException {
        var frame = ByteBuffer.allocate(9 + payload.length);
        frame.putInt((payload.length << 8) | type).put((byte) flags).putInt(of).put(payload);
        out.write(frame.array());
    }

    private static byte[] headers() {
        return joined(
                header(":method", "POST"),
                header(":scheme", "http"),
                header(":path", CALL),
                header(":authority", "localhost"),
                header("te", "trailers"),
                header("content-type", "application/grpc"));
    }

    /** A literal that is not to be remembered. */
    private static byte[] header(String name, String value) {
        return joined(new byte[] {0}, text(name), text(value));
    }

    private static byte[] text(String text) {
        return joined(new byte[] {(byte) text.length()}, text.getBytes(US_ASCII));
    }

    private static byte[] joined(byte[]... parts) {
        var joined = new ByteArrayOutputStream();
        for (var part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
