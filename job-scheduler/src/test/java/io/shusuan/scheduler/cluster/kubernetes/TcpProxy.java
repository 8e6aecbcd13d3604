package io.shusuan.scheduler.cluster.kubernetes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands between the platform and the API server and breaks what lies between them, in the ways that networks do. */
final class TcpProxy implements AutoCloseable {

    private final InetSocketAddress target;
    private final ServerSocket listener;
    private final Set<Pair> pairs = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;
    private volatile boolean hung;

    private record Pair(Socket near, Socket far, boolean[] frozen) {
        void close() {
            closeQuietly(near);
            closeQuietly(far);
        }
    }

    TcpProxy(InetSocketAddress target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    /** A proxy before the server of a kubeconfig, and in that folder a kubeconfig that leads to the proxy. */
    static TcpProxy before(Path kubeconfig) throws IOException {
        var server = URI.create(Files.readAllLines(kubeconfig).stream()
                .map(line -> line.replaceAll(".*server:\\s*\"?(https://[^\",} ]+).*", "$1"))
                .filter(line -> line.startsWith("https://"))
                .findFirst()
                .orElseThrow());
        return new TcpProxy(new InetSocketAddress(server.getHost(), server.getPort()));
    }

    Path kubeconfig(Path original, Path folder) throws IOException {
        String text = Files.readString(original)
                .replaceAll("https://[^\",} \\n]+", "https://127.0.0.1:" + listener.getLocalPort());
        return Files.writeString(folder.resolve("kubeconfig"), text);
    }

    /** Connections end, and new ones are refused as if nobody listened. */
    void cut() {
        cut = true;
        pairs.forEach(Pair::close);
    }

    /** Connections are possible again. */
    void restore() {
        cut = false;
        hung = false;
    }

    /** What goes through the connections of this moment gets lost, and nobody is told; new ones work. */
    void freeze() {
        pairs.forEach(pair -> pair.frozen()[0] = true);
    }

    /** As {@link #freeze}, and new connections lead nowhere either. */
    void hang() {
        hung = true;
        freeze();
    }

    int connections() {
        return pairs.size();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket near = listener.accept();
                if (cut) {
                    closeQuietly(near);
                    continue;
                }
                var far = new Socket();
                far.connect(target, 2000);
                var pair = new Pair(near, far, new boolean[] {hung});
                pairs.add(pair);
                Thread.ofVirtual().start(() -> pump(pair, near, far));
                Thread.ofVirtual().start(() -> pump(pair, far, near));
            } catch (IOException e) {
                // closed, or the server is away: the client sees its connection end
            }
        }
    }

    private void pump(Pair pair, Socket from, Socket to) {
        var buffer = new byte[16 * 1024];
        try {
            for (int length = from.getInputStream().read(buffer);
                    length >= 0;
                    length = from.getInputStream().read(buffer)) {
                if (!pair.frozen()[0]) {
                    to.getOutputStream().write(buffer, 0, length);
                }
            }
        } catch (IOException e) {
            // the other side is told below
        }
        if (!pair.frozen()[0]) {
            pair.close();
            pairs.remove(pair);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        pairs.forEach(Pair::close);
    }
}
