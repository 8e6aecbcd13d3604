package io.shusuan.scheduler.cluster.local;

import io.shusuan.scheduler.cluster.NotReady;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Whether an attempt takes connections on its first port; one without ports is ready as soon as it runs. */
record PortProbe(List<Integer> ports) implements Probe {

    private static final int TIMEOUT_MILLIS = 200;

    @Override
    public Future<@Nullable String> ask() {
        return CompletableFuture.completedFuture(ports.isEmpty() ? null : connect(ports.getFirst()));
    }

    private static @Nullable String connect(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
            return null;
        } catch (IOException notYet) {
            return NotReady.port(port);
        }
    }
}
