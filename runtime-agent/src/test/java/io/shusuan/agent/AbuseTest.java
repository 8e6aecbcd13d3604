package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
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
                var silent = connect(agent, "");
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
            // browsers and proxies connect ahead of need
            silent.getOutputStream()
                    .write("GET /v2/health/live HTTP/1.1\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(rest(silent)).startsWith("HTTP/1.1 200");
        }
    }

    /** The end of one request and the beginning of the next may come together. */
    @Test
    void hangsUpOnThoseWhoStallBehindARequestThatIsWhole() throws Exception {
        try (var agent = RunningAgent.serving(repository(), "--stall-timeout-secs=1");
                var behind = connect(
                        agent,
                        "GET /v2/health/live HTTP/1.1\r\n\r\nPOST " + INFER
                                + " HTTP/1.1\r\nContent-Length: 60000000\r\n\r\n{");
                var head =
                        connect(agent, "GET /v2/health/live HTTP/1.1\r\n\r\nPOST " + INFER + " HTTP/1.1\r\nX-Slow: ")) {
            assertThat(rest(behind)).startsWith("HTTP/1.1 200");
            assertThat(rest(head)).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void hangsUpInTheEndOnThoseWhoNeverSendAnything() throws Exception {
        try (var agent = RunningAgent.serving(repository(), "--stall-timeout-secs=1");
                var silent = connect(agent, "")) {
            assertThat(rest(silent)).isEmpty();
        }
    }

    @Test
    void answersARefusedHeadWithoutABody() throws Exception {
        try (var agent = RunningAgent.serving(repository());
                var head = connect(agent, "HEAD /v2 HTTP/1.1\r\nContent-Length: 2000000000\r\n\r\n")) {
            assertThat(rest(head)).startsWith("HTTP/1.1 413").endsWith("\r\n\r\n");
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

    private static String number(int first) {
        return "{\"id\":\"" + first
                + "\",\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[1,16],\"datatype\":\"FP32\",\"data\":[" + first
                + ",0".repeat(15) + "]}]}";
    }

    private ModelRepository faulty() {
        return repository().identity("faulty", ModelRepository.GOLDEN_CONFIG.replace("\"identity\"", "\"faulty\""));
    }

    @Test
    void aModelThatThrowsTakesDownNothingElse() throws Exception {
        try (var agent = RunningAgent.serving(faulty(), new FaultyBackend())) {
            for (int fault : new int[] {
                FaultyBackend.THROWS, FaultyBackend.OVERFLOWS, FaultyBackend.EXHAUSTS, FaultyBackend.LACKS
            }) {
                var failed = agent.post("/v2/models/faulty/infer", number(fault));
                assertThat(failed.statusCode()).isEqualTo(500);
                assertThat(failed.body())
                        .contains("the server failed while it ran the model; its log says why")
                        .doesNotContain("engine");
                assertThat(agent.post("/v2/models/faulty/infer", number(0)).statusCode())
                        .isEqualTo(200);
                assertThat(agent.get("/v2/requests/" + fault).body()).contains("\"outcome\":\"INTERNAL\"");
            }
            assertThat(agent.post(INFER, number(0)).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aModelThatThrowsWhenItIsLoadedTakesDownNothingElse() throws Exception {
        try (var agent = RunningAgent.serving(
                repository(), new FaultyBackend(), "--model-control-mode=poll", "--repository-poll-secs=1")) {
            repository()
                    .identity(
                            FaultyBackend.UNLOADABLE,
                            ModelRepository.GOLDEN_CONFIG.replace("\"identity\"", "\"faulty\""));
            await().until(() -> agent.post("/v2/repository/index", "").body().contains("its log says why"));
            assertThat(agent.post("/v2/repository/index", "").body())
                    .contains(
                            "{\"name\":\"unloadable\",\"version\":\"1\",\"state\":\"UNAVAILABLE\",\"reason\":\"the server failed while it loaded 'unloadable'");
            repository().identity("next", ModelRepository.GOLDEN_CONFIG);
            await().until(() -> agent.get("/v2/models/next/ready").statusCode() == 200);
            assertThat(agent.post(INFER, number(0)).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aModelThatHangsWhileItIsLoadedOccupiesABoundedNumberOfThreads() throws Exception {
        var backend = new FaultyBackend();
        repository()
                .identity(FaultyBackend.UNENDING, ModelRepository.GOLDEN_CONFIG.replace("\"identity\"", "\"faulty\""));
        try (var agent =
                RunningAgent.serving(repository(), backend, "--model-control-mode=explicit", "--load-model=m")) {
            var loads = new ArrayList<CompletableFuture<HttpResponse<String>>>();
            loads.add(agent.postLater("/v2/repository/models/unending/load", ""));
            backend.awaitHanging();
            for (int i = 0; i < 100; i++) {
                loads.add(agent.postLater("/v2/repository/models/m/load", ""));
            }
            await().until(() -> loads.stream().filter(CompletableFuture::isDone).count() == 37);
            assertThat(agent.post("/v2/repository/models/m/load", "").body())
                    .contains("64 models are waiting to be loaded or unloaded already");
            assertThat(agent.post(INFER, number(0)).statusCode()).isEqualTo(200);
            backend.release();
            var codes = loads.stream().map(load -> load.join().statusCode()).toList();
            assertThat(codes).containsOnly(200, 503);
            assertThat(codes.stream().filter(code -> code == 200)).hasSize(64);
        }
    }

    @Test
    void aModelThatHangsTakesDownNothingElse() throws Exception {
        var backend = new FaultyBackend();
        try (var agent = RunningAgent.serving(
                faulty(), backend, "--max-queue-requests=4", "--model-control-mode=explicit", "--load-model=*")) {
            var hanging = agent.postLater("/v2/models/faulty/infer", number(FaultyBackend.HANGS));
            backend.awaitHanging();
            var waiting = new ArrayList<CompletableFuture<HttpResponse<String>>>();
            for (int i = 0; i < 4; i++) {
                waiting.add(agent.postLater("/v2/models/faulty/infer", number(0)));
            }
            await().until(() -> agent.agent().models().find("faulty", 1).pending() == 4);
            assertThat(agent.post("/v2/models/faulty/infer", number(0)).statusCode())
                    .isEqualTo(503);
            for (int i = 0; i < 100; i++) {
                assertThat(agent.post(INFER, number(0)).statusCode()).isEqualTo(200);
            }
            assertThat(agent.get("/v2/health/live").statusCode()).isEqualTo(200);
            assertThat(agent.post("/v2/repository/models/m/load", "").statusCode())
                    .isEqualTo(200);

            backend.release();
            assertThat(hanging.join().statusCode()).isEqualTo(200);
            for (var answer : waiting) {
                assertThat(answer.join().statusCode()).isEqualTo(200);
            }
        }
    }

    @Test
    void servesOthersWhileManyAbuseIt() throws Exception {
        var bomb = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bomb)) {
            gzip.write(new byte[50_000_000]);
        }
        var bombing =
                "POST " + INFER + " HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: " + bomb.size() + "\r\n\r\n";
        var promises = "POST " + INFER + " HTTP/1.1\r\nContent-Length: 900000\r\n\r\n{";
        var headers = "GET /v2 HTTP/1.1\r\nX: " + "y".repeat(200_000);
        var chunks =
                "POST " + INFER + " HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + "1;x=y\r\n \r\n".repeat(2000);
        try (var agent = RunningAgent.serving(repository(), "--http-max-input-size=1000000");
                var abusers = Executors.newFixedThreadPool(8)) {
            var abuse = new ArrayList<Future<?>>();
            for (int i = 0; i < 50; i++) {
                abuse.add(abusers.submit(() -> sendAndReset(agent, promises)));
                abuse.add(abusers.submit(() -> sendAndReset(agent, headers)));
                abuse.add(abusers.submit(() -> sendAndReset(agent, chunks)));
                abuse.add(abusers.submit(() -> bomb(agent, bombing, bomb.toByteArray())));
                if (i % 5 == 0) {
                    assertThat(agent.post(INFER, number(0)).statusCode()).isEqualTo(200);
                }
            }
            for (var each : abuse) {
                each.get(60, TimeUnit.SECONDS);
            }
            // nothing of their room is kept
            await().until(() -> agent.post(INFER, " ".repeat(900_000)).statusCode() == 500);
        }
    }

    private static @Nullable Void sendAndReset(RunningAgent agent, String text) throws IOException {
        try (var socket = connect(agent, text)) {
            socket.setSoLinger(true, 0);
        } catch (SocketException hungUp) {
            // it was quicker
        }
        return null;
    }

    private static @Nullable Void bomb(RunningAgent agent, String head, byte[] body) throws IOException {
        try (var socket = connect(agent, head)) {
            socket.getOutputStream().write(body);
            assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 413");
        }
        return null;
    }

    @Test
    void takesNothingNewWhileAnswersLieUnread() throws Exception {
        var wide = repository().identity("wide", """
                backend: "identity"
                input { name: "INPUT0" data_type: TYPE_FP32 dims: -1 }
                output { name: "OUTPUT0" data_type: TYPE_FP32 dims: -1 }
                """);
        int bytes = 40_000_000;
        var json = "{\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[" + bytes / 4
                + "],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":" + bytes
                + "}}],\"parameters\":{\"binary_data_output\":true}}";
        var head = "POST /v2/models/wide/infer HTTP/1.1\r\nInference-Header-Content-Length: " + json.length()
                + "\r\nContent-Length: " + (json.length() + bytes) + "\r\n\r\n" + json;
        try (var agent = RunningAgent.serving(wide)) {
            var unread = new ArrayList<Socket>();
            boolean refused = false;
            for (int i = 0; i < 30 && !refused; i++) {
                var socket = connect(agent, head);
                unread.add(socket);
                try {
                    socket.getOutputStream().write(new byte[bytes]);
                    refused = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII)
                            .equals("HTTP/1.1 503");
                } catch (SocketException hungUp) {
                    refused = true;
                }
            }
            assertThat(refused).as("one of 30 answers of 40 MB was refused").isTrue();
            assertThat(agent.get("/v2/health/live").statusCode()).isEqualTo(200);
            for (var socket : unread) {
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
