package io.shusuan.api.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamingTest extends ServingCase {

    StreamingTest() {
        super(Replica.class, 1);
    }

    /** Each piece is asked for after the one before has arrived, so a held one would be waited for in vain. */
    @ParameterizedTest
    @ValueSource(strings = {"text/event-stream", "application/x-ndjson", "text/plain", "application/json"})
    void piecesArriveOneByOne(String type) throws IOException {
        serve("POST", "/step").send();
        var stream = serve("GET", "/steps?" + type)
                .with("Accept-Encoding", "identity")
                .open();
        try (var pieces = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            for (var i = 1; i <= 3; i++) {
                assertThat(pieces.readLine()).isEqualTo("piece " + i);
                if (i < 3) {
                    serve("POST", "/step").send();
                }
            }
            assertThat(pieces.readLine()).isNull();
        }
    }

    @Test
    void aCallerWhoLeavesEndsTheReplicasWork() throws IOException {
        var stream = serve("GET", "/endless").open();
        assertThat(stream.body().read()).isEqualTo('d');

        stream.body().close();

        assertThat(serve("GET", "/gone").send().text()).isEqualTo("gone");
    }

    @Test
    void slowAnswersHoldUpNobody() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var slow = java.util.stream.IntStream.range(0, 40)
                    .mapToObj(i -> threads.submit(() -> serve("GET", "/slow").send()))
                    .toList();

            assertThat(serve("GET", "/x").send().status()).isEqualTo(200);
            assertThat(get(user, "/api/v1/jobs").status()).isEqualTo(200);

            for (var i = 0; i < slow.size(); i++) {
                serve("POST", "/step").send();
            }
            for (var each : slow) {
                assertThat(each.get().text()).isEqualTo("at last");
            }
        }
    }
}
