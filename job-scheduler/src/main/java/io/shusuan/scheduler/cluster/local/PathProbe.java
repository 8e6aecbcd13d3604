package io.shusuan.scheduler.cluster.local;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.shusuan.scheduler.cluster.NotReady;
import io.shusuan.scheduler.spec.Readiness;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whether an attempt answers a GET as the kubelet wants it: with a status from 200 to 399, within the time that pods are given. Of the answer only the
 * first line counts: nothing is followed or stored. The connection is closed at once, since a program that serves one at a time waits for that.
 */
record PathProbe(int port, String path, Duration timeout) implements Probe {

    private static final int LONGEST_LINE = 1024;

    /** As much as the kubelet reads. */
    private static final int MOST_DISCARDED = 10 << 10;

    private static final int REST_MILLIS = 100;
    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[0-9] ([1-5][0-9]{2})( .*)?");

    PathProbe(int port, String path) {
        this(port, path, Readiness.TIMEOUT);
    }

    @Override
    public Future<@Nullable String> ask() {
        var asking = new FutureTask<@Nullable String>(this::get);
        Thread.ofVirtual().name("readiness-of-" + port).start(asking);
        return asking;
    }

    private @Nullable String get() {
        var notReady = NotReady.path(path, port);
        try {
            var line = STATUS_LINE.matcher(firstLine());
            if (!line.matches()) {
                return notReady;
            }
            var status = Integer.parseInt(line.group(1));
            return status >= 200 && status < 400 ? null : NotReady.answered(notReady, status);
        } catch (IOException notYet) {
            return notReady;
        }
    }

    private String firstLine() throws IOException {
        var end = System.nanoTime() + timeout.toNanos();
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), left(end));
            socket.getOutputStream().write(request().getBytes(US_ASCII));
            var line = line(socket, end);
            discardRest(socket, end);
            return line;
        }
    }

    private String request() {
        return String.join(
                "\r\n",
                "GET " + path + " HTTP/1.1",
                "Host: localhost:" + port,
                "User-Agent: shusuan-probe",
                "Accept: */*",
                "Connection: close",
                "",
                "");
    }

    private static String line(Socket socket, long end) throws IOException {
        var line = new ByteArrayOutputStream();
        while (line.size() < LONGEST_LINE) {
            socket.setSoTimeout(left(end));
            var next = socket.getInputStream().read();
            if (next < 0 || next == '\r' || next == '\n') {
                break;
            }
            line.write(next);
        }
        return line.toString(US_ASCII);
    }

    /** Whoever is cut off in the middle of an answer writes that into its log, each time. */
    private static void discardRest(Socket socket, long end) {
        var rest = new byte[MOST_DISCARDED];
        var taken = 0;
        try {
            for (var more = 0; more >= 0 && taken < MOST_DISCARDED; taken += more) {
                socket.setSoTimeout(Math.min(REST_MILLIS, left(end)));
                more = socket.getInputStream().read(rest, taken, MOST_DISCARDED - taken);
            }
        } catch (IOException enough) {
            // Its status is known.
        }
    }

    private static int left(long end) throws SocketTimeoutException {
        var left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            throw new SocketTimeoutException("no answer in time");
        }
        return (int) left;
    }
}
