package io.shusuan.api.serving;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;

/** A request that is sent piece by piece, while its answer is read: the clients at hand do one after the other. */
final class Dialogue implements AutoCloseable {

    private static final int PATIENCE = 30_000;

    private final Socket socket;
    private final DefaultBHttpClientConnection answers = new DefaultBHttpClientConnection(Http1Config.DEFAULT);
    private final boolean isChunked;

    /**
     * @param length of the body in bytes; less than zero sends it in chunks
     */
    Dialogue(int port, String token, String path, long length) {
        isChunked = length < 0;
        try {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(PATIENCE);
            answers.bind(socket);
            send(
                    "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/octet-stream\r\n%s\r\n\r\n"
                            .formatted(
                                    path,
                                    token,
                                    isChunked ? "Transfer-Encoding: chunked" : "Content-Length: " + length));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    void say(String piece) throws IOException {
        send(isChunked ? Integer.toHexString(piece.length()) + "\r\n" + piece + "\r\n" : piece);
    }

    void sayWrongly() throws IOException {
        send("no length\r\n");
    }

    void end() throws IOException {
        if (isChunked) {
            send("0\r\n\r\n");
        }
    }

    /** For bodies of known length. */
    OutputStream body() throws IOException {
        return socket.getOutputStream();
    }

    /** The head of the answer. */
    ClassicHttpResponse answer() throws IOException, HttpException {
        var head = answers.receiveResponseHeader();
        answers.receiveResponseEntity(head);
        return head;
    }

    static String heard(InputStream answer, int length) throws IOException {
        return new String(answer.readNBytes(length), StandardCharsets.UTF_8);
    }

    /** Returns when the server has closed. */
    void awaitClose() throws IOException {
        socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
