package io.shusuan.api.serving;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServingTest extends ServingCase {

    private static final long LARGE = 64L << 20;

    ServingTest() {
        super(Replica.class, 2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                          | /",
                "/                           | /",
                "/v2/models/digits/infer     | /v2/models/digits/infer",
                "/a%20b/%C3%A9%2Fc           | /a%20b/%C3%A9%2Fc",
                "/%25/100%25                 | /%25/100%25",
                "/a;v=1/b+c,d                | /a;v=1/b+c,d",
                "?q=a%20b+c&q=%2F&empty=&x   | /?q=a%20b+c&q=%2F&empty=&x",
                "/p?%C3%A9=%26%3D&json=%7B%7D | /p?%C3%A9=%26%3D&json=%7B%7D",
                "/p?a=1&a=1&b=%41            | /p?a=1&a=1&b=%41",
                "/p?;a/b?c=d                 | /p?;a/b?c=d",
            })
    void passesAddressesOnAsTheyCame(String rest, String arrived) {
        assertThat(serve("GET", rest).send().text()).startsWith("GET " + arrived + "\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/..", "/a/../b", "/%2e%2e/x"})
    void letsNobodyClimbOut(String rest) {
        assertThat(serve("GET", rest).send()).isProblem(400, "bad-request");
    }

    @Test
    void refusesAQueryThatIsNotEncoded() {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write(
                            "GET /serve/%s/x?rate=100%% HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n"
                                    .formatted(job, user)
                                    .getBytes(StandardCharsets.UTF_8));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 400 ")
                    .contains("bad-request");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
    void passesMethodsOn(String method) {
        var answer = serve(method, "/x").body("text/plain", "body of " + method).send();

        assertThat(answer).hasStatus(200);
        assertThat(answer.text()).startsWith(method + " /x\n").endsWith("\n\nbody of " + method);
        assertThat(line(answer, "content-length")).isEqualTo(Integer.toString(8 + method.length()));
    }

    @Test
    void passesHeadOn() {
        var answer = serve("HEAD", "/x").send();

        assertThat(answer).hasStatus(200);
        assertThat(answer.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "PATCH"})
    void doesNotTouchForms(String method) {
        var form = "b=2&a=%41+x&b=1&%C3%A9;=~*";

        var answer = serve(method, "/form?b=0")
                .body("application/x-www-form-urlencoded", form)
                .send();

        assertThat(answer.text()).startsWith(method + " /form?b=0\n").endsWith("\n\n" + form);
    }

    @Test
    void doesNotTouchMultipart() {
        var parts = "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\ndata\r\n--x--\r\n";

        assertThat(serve("POST", "/m")
                        .body("multipart/form-data; boundary=x", parts)
                        .send()
                        .text())
                .endsWith("\n\n" + parts);
    }

    @Test
    void passesBodiesOfUnknownLengthOn() {
        var answer = serve("POST", "/x")
                .chunked(() -> new ByteArrayInputStream("in chunks".getBytes(StandardCharsets.UTF_8)))
                .send();

        assertThat(answer.text()).endsWith("\n\nin chunks");
        assertThat(line(answer, "transfer-encoding")).isEqualTo("chunked");
    }

    @Test
    void tellsTheReplicaWhoCallsAndKeepsTheToken() {
        var answer = serve("GET", "/x")
                .with("Cookie", "shusuan-session=secret; other=1")
                .with("X-CSRF-TOKEN", "secret")
                .with("X-Shusuan-User", "admin")
                .with("X-Forwarded-Prefix", "/evil")
                .with("X-Forwarded-For", "1.2.3.4")
                .with("Forwarded", "for=1.2.3.4")
                .with("TE", "trailers")
                .with("Keep-Alive", "timeout=5")
                .with("X-Request-Id", "seen-by-all")
                .with("X-Own", "kept")
                .send();

        assertThat(answer.text()).doesNotContain("secret", user, "/evil", "for=1.2.3.4", "trailers", "timeout=5");
        assertThat(line(answer, "x-shusuan-user")).isEqualTo(owner);
        assertThat(line(answer, "x-own")).isEqualTo("kept");
        assertThat(line(answer, "x-request-id")).isEqualTo("seen-by-all");
        assertThat(line(answer, "x-forwarded-prefix")).isEqualTo("/serve/" + job);
        assertThat(line(answer, "x-forwarded-proto")).isEqualTo("http");
        assertThat(line(answer, "x-forwarded-host")).isEqualTo("127.0.0.1");
        assertThat(line(answer, "x-forwarded-port")).isEqualTo(Integer.toString(port));
        assertThat(line(answer, "x-forwarded-for")).isNotBlank();
    }

    @Test
    void removesWhatConnectionNames() throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write(
                            "GET /serve/%s/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nConnection: close, X-Hop\r\nX-Hop: near\r\n\r\n"
                                    .formatted(job, user)
                                    .getBytes(StandardCharsets.UTF_8));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("GET /x")
                    .doesNotContainIgnoringCase("x-hop: near");
        }
    }

    @Test
    void passesStatusAndHeadersBackAndFollowsNothing() {
        var answer = serve("GET", "/odd").send();

        assertThat(answer)
                .hasStatus(307)
                .hasHeader("Location", "/elsewhere")
                .hasHeader("X-Model", "digits")
                .hasHeader("Cache-Control", "max-age=60")
                .hasNoHeader("Set-Cookie")
                .hasNoHeader("X-Internal");
        assertThat(answer.headers().allValues("X-Many")).containsExactly("one", "two");
        assertThat(answer.header("Content-Security-Policy"))
                .hasValueSatisfying(
                        policy -> assertThat(policy).startsWith("sandbox").doesNotContain("allow-same-origin"));
    }

    @Test
    void leavesPackedBodiesPacked() throws IOException {
        var answer = serve("GET", "/zip").with("Accept-Encoding", "gzip").send();

        assertThat(answer).hasHeader("Content-Encoding", "gzip");
        try (var zip = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
            assertThat(new String(zip.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("packed by the replica");
        }
    }

    @Test
    void takesTurnsBetweenReplicas() {
        var seen = new HashSet<String>();
        for (var i = 0; i < 4; i++) {
            seen.add(line(serve("GET", "/x").send(), "replica"));
        }

        assertThat(seen).containsExactlyInAnyOrder("0", "1");
    }

    @Test
    void saysThatThereIsNoSuchJob() {
        assertThat(call("GET", "/serve/nobody/x").as(user).send())
                .isProblem(404, "not-found")
                .says("nobody");
        assertThat(call("GET", "/serve/NO_NAME/x").as(user).send()).isProblem(404, "not-found");
    }

    @Test
    void saysThatNoReplicaIsReady() {
        var name = unique("waiting");
        submitted(
                user,
                training(name, heldQueue(), "true").replace("kind: training", "kind: inference") + "  ports: [80]\n");

        assertThat(call("GET", "/serve/" + name).as(user).send())
                .isProblem(503, "no-replica-ready")
                .says(name, "QUEUED");
    }

    @Test
    void letsNobodyInUnknown() {
        assertThat(call("GET", "/serve/" + job + "/x").send()).isProblem(401, "unauthenticated");
        assertThat(call("GET", "/serve/" + job + "/x").as("shu_wrong").send()).isProblem(401, "unauthenticated");
    }

    @Test
    void holdsNothingOfLargeBodies() throws IOException {
        var heap = ManagementFactory.getMemoryMXBean();
        serve("POST", "/count").chunked(() -> Replica.zeros(1 << 20)).send();
        System.gc();
        var before = heap.getHeapMemoryUsage().getUsed();

        var up = serve("POST", "/count").chunked(() -> Replica.zeros(LARGE)).send();
        assertThat(up.text()).startsWith(LARGE + " ");
        try (var known = serve("GET", "/zeros?length=" + LARGE).open().body()) {
            assertThat(known.transferTo(OutputStream.nullOutputStream())).isEqualTo(LARGE);
        }
        try (var chunked = serve("GET", "/zeros?chunked=" + LARGE).open().body()) {
            assertThat(chunked.transferTo(OutputStream.nullOutputStream())).isEqualTo(LARGE);
        }

        System.gc();
        assertThat(heap.getHeapMemoryUsage().getUsed() - before).isLessThan(LARGE / 2);
    }
}
