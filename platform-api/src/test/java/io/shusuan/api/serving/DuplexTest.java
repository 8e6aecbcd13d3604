package io.shusuan.api.serving;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is answered while it is still being asked. */
class DuplexTest extends ServingCase {

    private static final long LARGE = 64L << 20;
    private static final int IN_CHUNKS = -1;

    private int deaths;

    DuplexTest() {
        super(Replica.class, 1);
    }

    private Dialogue dialogue(String path, long length) {
        return new Dialogue(port, user, "/serve/" + job + path, length);
    }

    private void assertThatTheReplicaWasCutOffAt(String path) {
        assertThat(serve("GET", "/cut?" + path).send().text()).isEqualTo("cut");
    }

    private void kill() {
        serve("POST", "/exit").send();
        deaths++;
    }

    private void awaitReady() {
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            var task = get(user, "/api/v1/jobs/" + id() + "/tasks").json().at("/0");
            return task.at("/ready").asBoolean(false) && task.at("/attempts").size() == 1 + deaths;
        });
    }

    /** Each piece waits for the answer to the one before. */
    @ParameterizedTest
    @ValueSource(longs = {IN_CHUNKS, LARGE})
    void piecesAreAnsweredOneByOne(long length) throws Exception {
        awaitReady();
        var path = "/mirror/pieces/" + length;
        try (var dialogue = dialogue(path, length)) {
            var answer = dialogue.answer();
            assertThat(answer.getCode()).isEqualTo(200);
            var heard = answer.getEntity().getContent();
            for (var i = 0; i < 3; i++) {
                dialogue.say("piece " + i);
                assertThat(Dialogue.heard(heard, 7)).isEqualTo("piece " + i);
            }
            if (length == IN_CHUNKS) {
                dialogue.end();
                assertThat(heard.read()).isNegative();
            }
        }
        if (length != IN_CHUNKS) {
            assertThatTheReplicaWasCutOffAt(path);
        }
    }

    @Test
    void mirrorsMoreThanAllBuffersHold() throws Exception {
        awaitReady();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var dialogue = dialogue("/mirror", LARGE)) {
            var sent = threads.submit(() -> Replica.zeros(LARGE).transferTo(dialogue.body()));

            assertThat(dialogue.answer().getEntity().getContent().transferTo(OutputStream.nullOutputStream()))
                    .isEqualTo(LARGE);
            assertThat(sent.get()).isEqualTo(LARGE);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {IN_CHUNKS, LARGE})
    void aRefusalArrivesAmidTheRequestAndEndsIt(long length) throws Exception {
        awaitReady();
        var path = "/refuse/amid/" + length;
        try (var dialogue = dialogue(path, length)) {
            dialogue.say("the first piece");

            var answer = dialogue.answer();
            assertThat(answer.getCode()).isEqualTo(413);
            assertThat(answer.getEntity().getContent().readAllBytes())
                    .asString()
                    .isEqualTo("too much");
            assertThatTheReplicaWasCutOffAt(path);
            dialogue.awaitClose();
        }
        assertThat(serve("GET", "/x").send()).hasStatus(200);
    }

    @Test
    void whoReadsOnlyWhenAllIsSentHearsOfTheRefusalToo() throws Exception {
        awaitReady();
        var path = "/refuse/last";
        try (var dialogue = dialogue(path, LARGE)) {
            Replica.zeros(LARGE).transferTo(dialogue.body());

            var answer = dialogue.answer();
            assertThat(answer.getCode()).isEqualTo(413);
            assertThat(answer.getEntity().getContent().readAllBytes())
                    .asString()
                    .isEqualTo("too much");
        }
        assertThatTheReplicaWasCutOffAt(path);
    }

    @ParameterizedTest
    @ValueSource(longs = {IN_CHUNKS, LARGE})
    void aReplicaNeverTakesHalfARequestForTheWhole(long length) throws Exception {
        awaitReady();
        var path = "/mirror/half/" + length;
        try (var dialogue = dialogue(path, length)) {
            dialogue.say("only this");
            assertThat(Dialogue.heard(dialogue.answer().getEntity().getContent(), 9))
                    .isEqualTo("only this");
        }

        assertThatTheReplicaWasCutOffAt(path);
    }

    @Test
    void aBodyThatIsNoneIsRefused() throws Exception {
        awaitReady();
        try (var dialogue = dialogue("/count", IN_CHUNKS)) {
            dialogue.say("a piece");
            dialogue.sayWrongly();

            var answer = dialogue.answer();
            assertThat(answer.getCode()).isEqualTo(400);
            assertThat(answer.getEntity().getContent().readAllBytes())
                    .asString(StandardCharsets.UTF_8)
                    .contains("bad-request");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {IN_CHUNKS, LARGE})
    void aReplicaThatDiesAmidItsAnswerIsNoticedAtOnce(long length) throws Exception {
        awaitReady();
        try (var dialogue = dialogue("/mirror", length)) {
            dialogue.say("only this");
            var heard = dialogue.answer().getEntity().getContent();
            assertThat(Dialogue.heard(heard, 9)).isEqualTo("only this");

            kill();

            assertThatThrownBy(heard::read)
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(java.net.SocketTimeoutException.class);
        }
    }

    @Test
    void aReplicaThatDiesBeforeItAnswersIsNoticedAtOnce() throws Exception {
        awaitReady();
        try (var dialogue = dialogue("/count", LARGE)) {
            dialogue.say("only this");

            kill();

            var answer = dialogue.answer();
            assertThat(answer.getCode()).isEqualTo(502);
            assertThat(answer.getEntity().getContent().readAllBytes())
                    .asString(StandardCharsets.UTF_8)
                    .contains("replica-failed");
            dialogue.awaitClose();
        }
    }
}
