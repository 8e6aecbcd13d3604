package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that stall, promise or send too much: they are cut off, and the others are served. */
class AbuseTest {
    private static final String INFER = "/v2/models/m/infer";

    @TempDir
    private Path folder;

    private ModelRepository repository() {
        return new ModelRepository(folder).identity("m", ModelRepository.GOLDEN_CONFIG);
    }

    private static Socket connect(RunningAgent agent, String text) throws IOException {
        var socket = new Socket(agent.http().getAddress(), agent.http().getPort());
        socket.setSoTimeout(30_000);
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /** What came until the server hung up. */
    private static String rest(Socket socket) throws IOException {
        try {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } catch (SocketException reset) {
            return "";
        }
    }

    @Test
    void hangsUpOnThoseWhoStallWithinARequest() throws Exception {
        try (var agent = RunningAgent.serving(repository(), "--stall-timeout-secs=1");
                var resting = connect(agent, "GET /v2/health/live HTTP/1.1\r\n\r\n");
                var head = connect(agent, "GET /v2/health/live HTTP/1.1\r\nX-Slow: ");
                var body = connect(agent, "POST " + INFER + " HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")) {
            var dripping = connect(agent, "GET / HTTP/1.1\r\n");
            try (var drops = Executors.newSingleThreadScheduledExecutor()) {
                var _ = drops.scheduleWithFixedDelay(() -> drip(dripping), 0, 50, TimeUnit.MILLISECONDS);
                assertThat(rest(dripping)).isEmpty();
                drops.shutdownNow();
            }
            assertThat(rest(head)).isEmpty();
            assertThat(rest(body)).isEmpty();
            dripping.close();
            resting.getOutputStream()
                    .write("GET /v2/nope HTTP/1.1\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(rest(resting)).startsWith("HTTP/1.1 200").contains("HTTP/1.1 404");
        }
    }

    private static void drip(Socket socket) {
        try {
            socket.getOutputStream().write('X');
        } catch (IOException cutOff) {
            throw new UncheckedIOException(cutOff);
        }
    }

    @Test
    void hangsUpOnConnectionsBeyondTheLimit() throws Exception {
        try (var agent = RunningAgent.serving(repository(), "--max-connections=4")) {
            var open = new ArrayList<Socket>();
            for (int i = 0; i < 4; i++) {
                var socket = connect(agent, "GET /v2/health/live HTTP/1.1\r\n\r\n");
                assertThat(socket.getInputStream().read()).isEqualTo('H');
                open.add(socket);
            }
            try (var fifth = connect(agent, "GET /v2/health/live HTTP/1.1\r\n\r\n")) {
                assertThat(rest(fifth)).isEmpty();
            } catch (SocketException reset) {
                // it was quicker than our request
            }
            open.getFirst().close();
            await().ignoreExceptions().until(() -> agent.get("/v2/health/live").statusCode() == 200);
            for (var socket : open) {
                socket.close();
            }
        }
    }

    @Test
    void keepsNoRoomForWhatIsOnlyPromised() throws Exception {
        try (var agent = RunningAgent.serving(repository())) {
            var open = new ArrayList<Socket>();
            var answered = "";
            for (int i = 0; i < 64 && answered.isEmpty(); i++) {
                var socket = connect(
                        agent,
                        "POST " + INFER
                                + " HTTP/1.1\r\nExpect: 100-continue\r\nInference-Header-Content-Length: 9\r\nContent-Length: 60000000\r\n\r\n");
                open.add(socket);
                var line = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
                if (!line.equals("HTTP/1.1 100")) {
                    answered = line;
                }
            }
            assertThat(answered).isEqualTo("HTTP/1.1 503");
            assertThat(agent.get("/v2/health/live").statusCode()).isEqualTo(200);
            for (var socket : open) {
                socket.close();
            }
            await().until(() -> agent.post(INFER, " ".repeat(50_000_000)).statusCode() == 500);
        }
    }

    @Test
    void refusesBombs() throws Exception {
        try (var agent = RunningAgent.serving(repository(), "--http-max-input-size=100000")) {
            try (var many = connect(
                    agent, "GET / HTTP/1.1\r\n" + ("X-Many: " + "x".repeat(1000) + "\r\n").repeat(100) + "\r\n")) {
                assertThat(rest(many)).matches("(?s)(HTTP/1.1 4(00|31).*)?");
            } catch (SocketException reset) {
                // it did not wait for the end
            }
            try (var chunks = connect(
                    agent,
                    "POST " + INFER + " HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + "1\r\nx\r\n".repeat(100_001))) {
                assertThat(rest(chunks)).startsWith("HTTP/1.1 413");
            } catch (SocketException reset) {
                // it did not wait for the end
            }
            try (var endless = connect(
                    agent, "POST " + INFER + " HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFF\r\n")) {
                assertThat(rest(endless)).startsWith("HTTP/1.1 400");
            }
            assertThat(agent.get("/v2/health/live").statusCode()).isEqualTo(200);
        }
    }
}
