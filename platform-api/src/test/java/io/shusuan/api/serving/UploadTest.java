package io.shusuan.api.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The connections to replicas, by which of them a request came and when it was given up. */
class UploadTest {

    private static final Duration SILENCE = Duration.ofSeconds(1);
    private static final int IN_CHUNKS = -1;
    private static final int LARGE = 16 << 20;

    /** More than can be sent before the answer is there. */
    private static final long HUGE = 1L << 30;

    private final CountDownLatch end = new CountDownLatch(1);
    private CloseableHttpClient client = new ReplicaConnections().replicaClient(Duration.ofSeconds(30));
    private HttpServer replica;

    @BeforeEach
    void start() throws IOException {
        replica = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        replica.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        replica.createContext("/take", exchange -> {
            exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
            say(exchange, 200);
        });
        replica.createContext("/refuse", exchange -> say(exchange, 413));
        replica.createContext("/silent", exchange -> {
            exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
            await();
        });
        replica.start();
    }

    @AfterEach
    void stop() throws IOException {
        end.countDown();
        client.close();
        replica.stop(0);
    }

    /** Has no more patience with a silent replica. */
    private void hurry() throws IOException {
        client.close();
        client = new ReplicaConnections().replicaClient(SILENCE);
    }

    private void await() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The answer is the port from which the request came. */
    private static void say(HttpExchange exchange, int status) throws IOException {
        var port = Integer.toString(exchange.getRemoteAddress().getPort()).getBytes(StandardCharsets.US_ASCII);
        exchange.sendResponseHeaders(status, port.length);
        try (exchange) {
            exchange.getResponseBody().write(port);
            exchange.getResponseBody().flush();
            exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
        }
    }

    private String send(String path, InputStream body, long length) throws Exception {
        var request = new HttpPost(path);
        var upload = new Upload(body, length);
        request.setEntity(upload);
        var context = HttpClientContext.create();
        context.setAttribute(Upload.ATTRIBUTE, upload);
        var host = new HttpHost(
                "http", replica.getAddress().getAddress(), replica.getAddress().getPort());
        try (var answer = client.executeOpen(host, request, context)) {
            return EntityUtils.toString(answer.getEntity());
        }
    }

    @Test
    void aConnectionIsUsedAgainAfterAWholeRequest() throws Exception {
        var first = send("/take", Replica.zeros(LARGE), IN_CHUNKS);

        assertThat(send("/take", Replica.zeros(LARGE), LARGE)).isEqualTo(first);
        assertThat(send("/take", Replica.zeros(LARGE), IN_CHUNKS)).isEqualTo(first);
    }

    @Test
    void aConnectionIsNotUsedAgainAfterHalfARequest() throws Exception {
        var first = send("/refuse", Replica.zeros(HUGE), IN_CHUNKS);
        var second = send("/refuse", Replica.zeros(HUGE), HUGE);

        assertThat(second).isNotEqualTo(first);
        assertThat(send("/take", Replica.zeros(LARGE), LARGE)).isNotIn(first, second);
    }

    @Test
    void aReplicaThatStillTakesIsNotSilent() throws Exception {
        hurry();
        assertThat(send("/take", new Slow(), IN_CHUNKS)).isNotEmpty();
    }

    @Test
    void aReplicaThatTookEverythingIsGivenUpWhenItSaysNothing() throws Exception {
        hurry();
        assertThatThrownBy(() -> send("/silent", Replica.zeros(LARGE), LARGE))
                .isInstanceOf(SocketTimeoutException.class);
    }

    /** Takes several silences to be read. */
    private static final class Slow extends InputStream {

        private static final int PIECES = 12;

        private int pieces;

        @Override
        public int read() {
            throw new UnsupportedOperationException("read in pieces");
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (pieces++ == PIECES) {
                return -1;
            }
            try {
                Thread.sleep(SILENCE.dividedBy(8));
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return 1;
        }
    }
}
