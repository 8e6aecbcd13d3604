package io.shusuan.api.problem;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.api.testing.ApiTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What no client library would send. */
class RawRequestTest extends ApiTest {

    private String send(String request) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/jobs?text=\u0000",
                "/api/v1/jobs/%00",
                "/api/v1/jobs?a={}|",
                "/api/v1/%zz",
                "/api/v1/jobs?x=\u00e4"
            })
    void answersWhatCannotBeRead(String path) throws IOException {
        var answer = send("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 400 ").contains("application/problem+json", "\"code\":\"bad-request\"");
        assertThat(answer).doesNotContain("Tomcat", "Exception", "<html");
    }

    @Test
    void answersAQueryThatIsTooLong() throws IOException {
        var answer = send("GET /api/v1/jobs?text=" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");

        assertThat(answer)
                .startsWith("HTTP/1.1 400 ")
                .contains("application/problem+json")
                .doesNotContain("<html");
    }

    @Test
    void answersAMethodThatNobodyKnows() throws IOException {
        var answer = send("BREW /api/v1/jobs HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        assertThat(answer).contains("application/problem+json").doesNotContain("<html", "Exception");
    }
}
