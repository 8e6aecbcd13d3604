package io.shusuan.scheduler.cluster.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;

/** Whether an attempt takes connections on its first port; one without ports is ready as soon as it runs. */
final class Probe {

    private static final int TIMEOUT_MILLIS = 200;

    private Probe() {}

    static boolean answers(List<Integer> ports) {
        if (ports.isEmpty()) {
            return true;
        }
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.getFirst()), TIMEOUT_MILLIS);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }
}
