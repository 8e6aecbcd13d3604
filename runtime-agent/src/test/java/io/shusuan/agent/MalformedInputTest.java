package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is sent, there is an answer in the 400s, the server lives, and no buffer is lost. In strict mode, so that codes are even. */
class MalformedInputTest {
    private static final String INFER = "/v2/models/m/infer";

    @TempDir
    private static Path folder;

    private static RunningAgent agent;

    @BeforeAll
    static void start() throws InterruptedException {
        agent = RunningAgent.serving(
                new ModelRepository(folder)
                        .identity("m", ModelRepository.GOLDEN_CONFIG)
                        .identity(
                                "text",
                                ModelRepository.GOLDEN_CONFIG
                                        .replace("TYPE_FP32", "TYPE_STRING")
                                        .replace("dims: 16", "dims: 2")),
                "--strict",
                "--http-max-input-size=100000");
    }

    @AfterAll
    static void stop() {
        agent.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[]",
                "null",
                "x",
                "{}{}",
                "{\"inputs\":{}}",
                "{\"inputs\":[1]}",
                "{\"inputs\":[]}",
                "{\"inputs\":[{}]}",
                "{\"id\":7,\"inputs\":[]}",
                "{\"inputs\":[{\"name\":\"INPUT0\"}]}",
                "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"FP32\",\"shape\":[1,16]}]}",
                "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"FP32\",\"shape\":[1,16],\"data\":1}]}",
                "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"FP32\",\"shape\":[1,16],\"data\":[\"a\"]}]}",
                "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"FP32\",\"shape\":[1,16],\"data\":[{}]}]}",
                "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"FP32\",\"shape\":[1,16],\"data\":[null]}]}",
                "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"FP32\",\"shape\":[1,16],\"data\":[1,2",
                "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"FP32\",\"shape\":[9223372036854775807,16],\"data\":[1]}]}",
                "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"FP32\",\"shape\":[99999999999999999999],\"data\":[1]}]}",
                "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"FP32\",\"shape\":[1.5],\"data\":[1]}]}",
                "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"FP32\",\"shape\":[0,16],\"data\":[]}]}",
                "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"UINT8\",\"shape\":[1],\"data\":[256]}]}",
                "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"INT64\",\"shape\":[1],\"data\":[9223372036854775808]}]}",
                "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"UINT64\",\"shape\":[1],\"data\":[-1]}]}",
                "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"BOOL\",\"shape\":[1],\"data\":[2]}]}",
                "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"FP16\",\"shape\":[1],\"data\":[1]}]}",
                "{\"inputs\":[{\"data\":[1],\"data\":[1],\"name\":\"INPUT0\",\"datatype\":\"FP32\",\"shape\":[1,16]}]}",
                "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"FP32\",\"shape\":[1,16],\"parameters\":{\"binary_data_size\":64}}]}",
                "{\"parameters\":[],\"inputs\":[]}",
                "{\"outputs\":[{}],\"inputs\":[]}",
            })
    void refusesABadBody(String body) throws Exception {
        var answer = agent.post(INFER, body);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).startsWith("{\"error\":\"");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 63, 65, 128})
    void refusesBytesThatDoNotFit(int size) throws Exception {
        var json =
                "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"FP32\",\"shape\":[1,16],\"parameters\":{\"binary_data_size\":%d}}]}";

        assertThat(agent.postBinary(INFER, json.formatted(size), new byte[size]).statusCode())
                .isEqualTo(400);
        assertThat(agent.postBinary(INFER, json.formatted(64), new byte[size]).statusCode())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\1\0\0", "\5\0\0\0ab", "\1\0\0\0a", "\0\0\0\0\0\0\0\0x", "\377\377\377\377a"})
    void refusesStringsThatAreCutShort(String elements) throws Exception {
        byte[] bytes = elements.getBytes(StandardCharsets.ISO_8859_1);
        var json =
                "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"BYTES\",\"shape\":[1,2],\"parameters\":{\"binary_data_size\":"
                        + bytes.length + "}}]}";

        assertThat(agent.postBinary("/v2/models/text/infer", json, bytes).statusCode())
                .isEqualTo(400);
    }

    @Test
    void refusesABodyThatIsTooLarge() throws Exception {
        assertThat(agent.post(INFER, " ".repeat(100_001)).statusCode()).isEqualTo(413);
    }

    @Test
    void refusesABombInGzip() throws Exception {
        var zeros = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(zeros)) {
            gzip.write(new byte[10_000_000]);
        }
        var request = ("POST " + INFER
                        + " HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nConnection: close\r\nContent-Length: "
                        + zeros.size() + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        assertThat(exchange(request, zeros.toByteArray())).startsWith("HTTP/1.1 413");
        assertThat(agent.post(INFER, "no gzip", "Content-Encoding", "gzip").statusCode())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GARBAGE\r\n\r\n",
                "GET / HTTP/9.9\r\nConnection: close\r\n\r\n",
                "POST /v2/models/m/infer HTTP/1.1\r\nContent-Length: abc\r\n\r\n",
                "POST /v2/models/m/infer HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                "POST /v2/models/m/infer HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
                "POST /v2/models/m/infer HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "GET /%zz HTTP/1.1\r\nConnection: close\r\n\r\n",
            })
    void refusesWhatIsNotHttp(String text) throws Exception {
        assertThat(exchange(text.getBytes(StandardCharsets.ISO_8859_1))).matches("(?s)HTTP/1.1 40[04].*");
    }

    @Test
    void sendsNoBodyToThoseWhoAskForTheHeadersAlone() throws Exception {
        var text = "HEAD /v2/health/live HTTP/1.1\r\n\r\nGET /v2/health/live HTTP/1.1\r\nConnection: close\r\n\r\n";
        assertThat(exchange(text.getBytes(StandardCharsets.US_ASCII)))
                .matches("(?s)HTTP/1.1 405 .*content-length: 30\r\n\r\nHTTP/1.1 200 .*");
    }

    @Test
    void answersRequestsSentAheadInTheirOrder() throws Exception {
        var one = "GET /v2/health/live HTTP/1.1\r\nHost: a\r\n\r\n";
        var text = exchange((one.repeat(3000) + "GET /v2/nope HTTP/1.1\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));

        assertThat(text.split("HTTP/1.1 200 OK", -1)).hasSize(3001);
        assertThat(text.lastIndexOf("HTTP/1.1 404")).isGreaterThan(text.lastIndexOf("HTTP/1.1 200"));
    }

    @Test
    void livesThroughNoiseAndBrokenConnections() throws Exception {
        var random = new Random(42);
        for (int i = 0; i < 200; i++) {
            try (var socket = new Socket(agent.http().getAddress(), agent.http().getPort())) {
                byte[] noise = new byte[random.nextInt(400)];
                random.nextBytes(noise);
                if (random.nextBoolean()) {
                    socket.getOutputStream()
                            .write(("POST " + INFER + " HTTP/1.1\r\nInference-Header-Content-Length: "
                                            + random.nextInt(90) + "\r\nContent-Length: " + random.nextInt(800)
                                            + "\r\n\r\n{\"inputs\":[")
                                    .getBytes(StandardCharsets.US_ASCII));
                }
                socket.getOutputStream().write(noise);
            } catch (IOException closedByTheServer) {
                // it may well have had enough
            }
        }
        assertThat(agent.get("/v2/health/ready").statusCode()).isEqualTo(200);
    }

    private static String exchange(byte[]... parts) throws IOException {
        try (var socket = new Socket(agent.http().getAddress(), agent.http().getPort())) {
            socket.setSoTimeout(10_000);
            for (byte[] part : parts) {
                socket.getOutputStream().write(part);
            }
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }
}
