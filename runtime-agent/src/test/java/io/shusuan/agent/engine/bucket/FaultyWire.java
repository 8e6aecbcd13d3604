package io.shusuan.agent.engine.bucket;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A TCP connection to a server, through which all goes as it is until a test has it go wrong. */
public final class FaultyWire implements AutoCloseable {
    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int to;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile long requestBytes = Long.MAX_VALUE;
    private volatile long answerBytes = Long.MAX_VALUE;
    private volatile boolean silent;
    private volatile long slowly;
    private volatile String answer = "";

    public FaultyWire(int to) throws IOException {
        this.to = to;
        Thread.ofVirtual().start(this::accept);
    }

    public int port() {
        return listening.getLocalPort();
    }

    public String url() {
        return "http://127.0.0.1:" + port();
    }

    /** From now on each connection breaks after so many bytes of what the server answers. */
    public void cutAnswersAfter(long bytes) {
        answerBytes = bytes;
        hangUp();
    }

    /** From now on each connection breaks after so many bytes of what the server is sent. */
    public void cutRequestsAfter(long bytes) {
        requestBytes = bytes;
        hangUp();
    }

    /** From now on connections are taken, and nothing comes back. */
    public void fallSilent() {
        silent = true;
        hangUp();
    }

    /** From now on a byte of an answer comes every so many milliseconds, after the first thousand. */
    public void trickle(long millis) {
        slowly = millis;
        hangUp();
    }

    /** From now on everything is answered so, by nobody. */
    public void answer(String status, String body) {
        answer = "HTTP/1.1 " + status + "\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
        hangUp();
    }

    public void mend() {
        requestBytes = Long.MAX_VALUE;
        answerBytes = Long.MAX_VALUE;
        silent = false;
        slowly = 0;
        answer = "";
        hangUp();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                var client = listening.accept();
                open.add(client);
                Thread.ofVirtual().start(() -> serve(client));
            } catch (SocketException closed) {
                return;
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            if (silent) {
                client.getInputStream().transferTo(OutputStream.nullOutputStream());
                return;
            }
            if (!answer.isEmpty()) {
                answer(client);
                return;
            }
            try (var server = new Socket(InetAddress.getLoopbackAddress(), to)) {
                open.add(server);
                var up = Thread.ofVirtual().start(() -> pass(client, server, requestBytes, 0));
                pass(server, client, answerBytes, slowly);
                up.join();
            }
        } catch (IOException broken) {
            // as the test wants it
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(client);
        }
    }

    /** What the client sends meanwhile is read and thrown away, because a connection that is closed before that is reset. */
    private void answer(Socket client) throws IOException {
        var in = client.getInputStream();
        var buffer = new byte[1 << 16];
        if (in.read(buffer) > 0) {
            client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
            client.shutdownOutput();
            in.transferTo(OutputStream.nullOutputStream());
        }
    }

    private static void pass(Socket from, Socket to, long most, long slowly) {
        long left = most;
        long passed = 0;
        var buffer = new byte[1 << 16];
        try {
            while (true) {
                boolean slow = slowly > 0 && passed > 1000;
                int read = from.getInputStream().read(buffer, 0, slow ? 1 : buffer.length);
                if (read < 0) {
                    to.shutdownOutput();
                    return;
                }
                if (slow) {
                    Thread.sleep(slowly);
                }
                to.getOutputStream().write(buffer, 0, (int) Math.min(left, read));
                left -= read;
                passed += read;
                if (left <= 0) {
                    break;
                }
            }
        } catch (IOException broken) {
            // as the test wants it
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        hangUp(from);
        hangUp(to);
    }

    private static void hangUp(Socket socket) {
        try {
            socket.close();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /** Ends the connections there are: their clients make new ones, which go wrong as was asked. */
    public void hangUp() {
        open.forEach(FaultyWire::hangUp);
        open.clear();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        hangUp();
    }
}
