package io.shusuan.api.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WebSocketTest extends ServingCase {

    WebSocketTest() {
        super(SocketReplica.class, 1);
    }

    /** What a caller hears: texts, bytes and the close, in order. */
    private static final class Ear implements WebSocket.Listener {

        private final BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                heard.add(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer part, boolean last) {
            var copy = new byte[part.remaining()];
            part.get(copy);
            bytes.writeBytes(copy);
            if (last) {
                heard.add(bytes.toByteArray());
                bytes.reset();
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            heard.add(code + " " + reason);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            heard.add(error);
        }

        Object next() throws InterruptedException {
            var one = heard.poll(20, TimeUnit.SECONDS);
            return one == null ? "nothing" : one;
        }
    }

    private WebSocket.Builder socket() {
        return HttpClient.newHttpClient().newWebSocketBuilder().connectTimeout(Duration.ofSeconds(10));
    }

    private URI talk() {
        return URI.create("ws://127.0.0.1:" + port + "/serve/" + job + "/talk");
    }

    private WebSocket open(Ear ear, String... subprotocols) {
        var builder = socket().header("Authorization", "Bearer " + user);
        if (subprotocols.length > 0) {
            builder.subprotocols(subprotocols[0], Arrays.copyOfRange(subprotocols, 1, subprotocols.length));
        }
        return builder.buildAsync(talk(), ear).join();
    }

    private int refusal(WebSocket.Builder builder, URI address) {
        try {
            builder.buildAsync(address, new Ear()).join();
            return 101;
        } catch (CompletionException e) {
            return e.getCause() instanceof WebSocketHandshakeException refused
                    ? refused.getResponse().statusCode()
                    : -1;
        }
    }

    @Test
    void carriesTextAndBytesOfAnySizeBothWays() throws Exception {
        var ear = new Ear();
        var socket = open(ear);
        assertThat(ear.next()).isEqualTo("hello");

        socket.sendText("数算岛 🚀", true).join();
        assertThat(ear.next()).isEqualTo("数算岛 🚀");

        var large = "0123456789abcdef".repeat(100_000);
        socket.sendText(large.substring(0, 700_000), false).join();
        socket.sendText(large.substring(700_000), true).join();
        assertThat(ear.next()).isEqualTo(large);

        var bytes = new byte[2 << 20];
        bytes[bytes.length - 1] = 7;
        socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
        assertThat((byte[]) ear.next()).isEqualTo(bytes);

        socket.sendClose(4321, "enough").join();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> get(user, "/api/v1/jobs/" + id() + "/logs").text().contains("closed 4321 enough"));
    }

    @Test
    void passesTheReplicasCloseOn() throws Exception {
        var ear = new Ear();
        var socket = open(ear);
        ear.next();

        socket.sendText("close", true).join();

        assertThat(ear.next()).isEqualTo("4001 as you wish");
    }

    @Test
    void tellsTheReplicaWhoCallsAndKeepsTheToken() throws Exception {
        var ear = new Ear();
        var socket = open(ear);
        ear.next();

        socket.sendText("headers", true).join();

        var headers = (String) ear.next();
        assertThat(headers)
                .containsIgnoringCase("X-Shusuan-User")
                .contains(owner)
                .contains("/serve/" + job);
        assertThat(headers).doesNotContain(user);
        socket.abort();
    }

    @Test
    void takesTheSubprotocolThatTheReplicaChooses() throws Exception {
        var ear = new Ear();
        assertThat(open(ear, "unknown", "chat").getSubprotocol()).isEqualTo("chat");
        assertThat(open(new Ear()).getSubprotocol()).isEmpty();
    }

    @Test
    void refusesWithTheStatusThatARequestWouldGet() {
        assertThat(refusal(socket(), talk())).isEqualTo(401);
        assertThat(refusal(socket().header("Authorization", "Bearer shu_wrong"), talk()))
                .isEqualTo(401);
        var authorised = socket().header("Authorization", "Bearer " + user);
        assertThat(refusal(authorised, URI.create(talk() + "/nowhere"))).isEqualTo(502);
        assertThat(refusal(authorised, URI.create(talk().toString().replace(job, "nobody"))))
                .isEqualTo(404);
    }

    @Test
    void refusesPagesOfOtherOrigins() {
        var foreign = socket().header("Authorization", "Bearer " + user).header("Origin", "http://elsewhere.example");

        assertThat(refusal(foreign, talk())).isEqualTo(403);
    }

    @Test
    void theCallerHearsThatAReplicaDied() throws Exception {
        var ear = new Ear();
        var socket = open(ear);
        ear.next();

        socket.sendText("exit", true).join();

        assertThat(ear.next()).asString().startsWith("1011");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> refusal(socket().header("Authorization", "Bearer " + user), talk()) == 101);
        assertThatThrownBy(() -> socket.sendText("too late", true).join()).isInstanceOf(CompletionException.class);
    }
}
