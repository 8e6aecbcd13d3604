package io.shusuan.scheduler.cluster.local;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What counts as ready when a path is asked for, whatever there is at the other end. */
class PathProbeTest {

    private static final Duration SOON = Duration.ofMillis(300);
    private static final InetSocketAddress ANYWHERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private static @Nullable String asked(int port) throws Exception {
        return answer(new PathProbe(port, "/healthz", SOON).ask());
    }

    private static @Nullable String answer(Future<@Nullable String> asked)
            throws ExecutionException, InterruptedException, TimeoutException {
        return asked.get(10, TimeUnit.SECONDS);
    }

    private static String notReady(int port) {
        return "It runs, but GET /healthz on port %d does not say yet that it is ready.".formatted(port);
    }

    @Test
    void asksForThePathUntilItSaysThatItIsReady() throws Exception {
        var status = new AtomicInteger(503);
        var server = HttpServer.create(ANYWHERE, 0);
        server.createContext("/", call -> {
            var found = call.getRequestMethod().equals("GET")
                    && call.getRequestURI().toString().equals("/healthz")
                    && call.getRequestHeaders()
                            .getFirst("Host")
                            .equals("localhost:" + call.getLocalAddress().getPort());
            var body = "x".repeat(100_000).getBytes(US_ASCII);
            call.sendResponseHeaders(found ? status.get() : 404, body.length);
            call.getResponseBody().write(body);
            call.close();
        });
        server.start();
        try {
            var port = server.getAddress().getPort();
            assertThat(asked(port)).isEqualTo(notReady(port) + " The last answer was 503.");
            status.set(200);
            assertThat(asked(port)).isNull();
            assertThat(answer(new PathProbe(port, "/other", SOON).ask())).endsWith("The last answer was 404.");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void followsNoRedirectionAndTakesItForAnAnswer() throws Exception {
        var followed = new CountDownLatch(1);
        var server = HttpServer.create(ANYWHERE, 0);
        server.createContext("/healthz", call -> {
            call.getResponseHeaders().add("Location", "/elsewhere");
            call.sendResponseHeaders(302, -1);
            call.close();
        });
        server.createContext("/elsewhere", call -> {
            followed.countDown();
            call.sendResponseHeaders(500, -1);
            call.close();
        });
        server.start();
        try {
            assertThat(asked(server.getAddress().getPort())).isNull();
            assertThat(followed.getCount()).isOne();
        } finally {
            server.stop(0);
        }
    }

    @Test
    void whoNeverAnswersIsNotReadyAndNobodyWaitsForIt() throws Exception {
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var port = silent.getLocalPort();
            var asked = new PathProbe(port, "/healthz", SOON).ask();
            assertThat(asked.isDone()).isFalse();
            assertThat(answer(asked)).isEqualTo(notReady(port));
        }
        var nobody = freePort();
        assertThat(asked(nobody)).isEqualTo(notReady(nobody));
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "HTTP/1.0 204 No Content\\r\\n\\r\\n|",
                "HTTP/1.1 200\\r\\n\\r\\n|",
                "HTTP/1.1 399 x\\n\\n|",
                "HTTP/1.1 400 x\\r\\n|400",
                "HTTP/1.1 199 x\\r\\n|199",
                "HTTP/1.1 999 x\\r\\n|?",
                "HTTP/1.1 20 x\\r\\n|?",
                "HTTP/2 200\\r\\n|?",
                "SSH-2.0-OpenSSH_9.2\\r\\n|?",
                "''|?",
            })
    void readsTheStatusAndNothingElse(String said, @Nullable String expected) throws Exception {
        var answer = asking(caller -> caller.getOutputStream()
                .write(said.replace("\\r", "\r").replace("\\n", "\n").getBytes(US_ASCII)));
        if (expected == null) {
            assertThat(answer).isNull();
        } else {
            assertThat(answer).endsWith(expected.equals("?") ? "that it is ready." : "was %s.".formatted(expected));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 200 OK\r\n\r\n", "y"})
    void anAnswerWithoutEndIsLeftSoon(String begin) throws Exception {
        var left = new CountDownLatch(1);
        var answer = asking(caller -> {
            try {
                var out = caller.getOutputStream();
                out.write(begin.getBytes(US_ASCII));
                while (true) {
                    out.write(new byte[1000]);
                }
            } catch (IOException gone) {
                left.countDown();
            }
        });
        assertThat(answer == null).isEqualTo(begin.startsWith("HTTP"));
        assertThat(left.await(10, TimeUnit.SECONDS)).isTrue();
    }

    /** Each byte comes in time, and all of them never. */
    @Test
    void whoAnswersDropByDropIsNotWaitedFor() throws Exception {
        var stop = new CountDownLatch(1);
        var begin = System.nanoTime();
        var answer = asking(caller -> {
            try {
                while (!stop.await(20, TimeUnit.MILLISECONDS)) {
                    caller.getOutputStream().write('H');
                }
            } catch (IOException | InterruptedException gone) {
                stop.countDown();
            }
        });
        assertThat(answer).endsWith("that it is ready.");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
        assertThat(stop.await(10, TimeUnit.SECONDS)).isTrue();
    }

    private interface Behaviour {
        void to(Socket caller) throws IOException;
    }

    /** Takes one call and its request, behaves in some way, and hangs up. */
    private static @Nullable String asking(Behaviour behaviour) throws Exception {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var served = Thread.ofVirtual().start(() -> {
                try (var caller = requireNonNull(server.accept())) {
                    var request = new byte[4096];
                    var taken = 0;
                    while (!new String(request, 0, taken, US_ASCII).endsWith("\r\n\r\n")) {
                        taken += caller.getInputStream().read(request, taken, request.length - taken);
                    }
                    behaviour.to(caller);
                } catch (IOException failed) {
                    throw new AssertionError(failed);
                }
            });
            var answer = asked(server.getLocalPort());
            assertThat(served.join(Duration.ofSeconds(10))).isTrue();
            return answer;
        }
    }
}
