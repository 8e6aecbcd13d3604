package io.shusuan.agent.fuzz;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Sends bytes as they are, which clients for every day refuse, and insists on an answer that has a code. */
final class HttpClient {
    private static final int PATIENCE_MILLIS = 10_000;
    private static final Set<Integer> CODES =
            Set.of(200, 400, 401, 403, 404, 405, 409, 411, 413, 414, 431, 500, 501, 503, 505);

    private final InetSocketAddress address;
    /** How the agent speaks of faults it has no better word for. */
    static final String UNFORESEEN = "the server failed";

    private @Nullable Socket connection;
    private @Nullable InputStream in;

    HttpClient(InetSocketAddress address) {
        this.address = address;
    }

    /** Sends bytes on a connection of their own and reads until the server hangs up, which it must. */
    void exchange(byte[] bytes) {
        try (var socket = open()) {
            socket.getOutputStream().write(bytes);
            socket.shutdownOutput();
            var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            if (answer.startsWith("HTTP/1.1 ") && !answer.startsWith("HTTP/1.1 100")) {
                checkCode(Integer.parseInt(answer.substring(9, 12)), answer);
            }
        } catch (SocketException reset) {
            // it did not wait for the end
        } catch (IOException failed) {
            throw new UncheckedIOException("no answer and no end", failed);
        }
    }

    /** Sends one well-formed request with any body and gives back the status. */
    int post(String path, String headers, byte[] body) {
        try {
            return tryPost(path, headers, body);
        } catch (SocketException | EndOfStream hungUp) {
            close();
        } catch (IOException failed) {
            throw new UncheckedIOException("no answer to " + path, failed);
        }
        try {
            return tryPost(path, headers, body);
        } catch (IOException failed) {
            throw new UncheckedIOException("no answer to " + path, failed);
        }
    }

    private int tryPost(String path, String headers, byte[] body) throws IOException {
        var socket = connection;
        if (socket == null) {
            socket = open();
            connection = socket;
            in = new BufferedInputStream(socket.getInputStream());
        }
        var head = "POST " + path + " HTTP/1.1\r\nHost: fuzz\r\n" + headers + "Content-Length: " + body.length
                + "\r\n\r\n";
        var request = new ByteArrayOutputStream();
        request.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
        request.writeBytes(body);
        socket.getOutputStream().write(request.toByteArray());
        return answer(in);
    }

    private int answer(@Nullable InputStream from) throws IOException {
        if (from == null) {
            throw new EndOfStream();
        }
        var status = line(from);
        int length = 0;
        boolean chunked = false;
        boolean last = false;
        for (var header = line(from); !header.isEmpty(); header = line(from)) {
            var lower = header.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(lower.substring(15).strip());
            }
            chunked |= lower.startsWith("transfer-encoding:");
            last |= lower.equals("connection: close");
        }
        var body = new StringBuilder();
        if (chunked) {
            for (int size = chunk(from); size > 0; size = chunk(from)) {
                body.append(new String(from.readNBytes(size), StandardCharsets.UTF_8));
                line(from);
            }
            line(from);
        } else {
            body.append(new String(from.readNBytes(length), StandardCharsets.UTF_8));
        }
        if (last) {
            close();
        }
        int code = Integer.parseInt(status.substring(9, 12));
        checkCode(code, status + "\n" + body);
        return code;
    }

    private static int chunk(InputStream from) throws IOException {
        return Integer.parseInt(line(from), 16);
    }

    private static String line(InputStream from) throws IOException {
        var text = new StringBuilder();
        for (int letter = from.read(); letter != '\n'; letter = from.read()) {
            if (letter < 0) {
                throw new EndOfStream();
            }
            if (letter != '\r') {
                text.append((char) letter);
            }
        }
        return text.toString();
    }

    private static void checkCode(int code, String answer) {
        // a 500 that was foreseen says what failed: shared memory that cannot be opened, for one
        if (!CODES.contains(code) || answer.contains(UNFORESEEN)) {
            throw new AssertionError("the agent answered " + answer);
        }
    }

    private Socket open() throws IOException {
        var socket = new Socket(address.getAddress(), address.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    private void close() {
        var old = connection;
        connection = null;
        in = null;
        try {
            if (old != null) {
                old.close();
            }
        } catch (IOException gone) {
            // nobody is there to hear that it is closed
        }
    }

    /** The server hung up. */
    private static final class EndOfStream extends IOException {
        private static final long serialVersionUID = 1L;
    }
}
