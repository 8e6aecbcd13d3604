package io.shusuan.api.serving;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplicaFailureTest extends ServingCase {

    private int deaths;

    ReplicaFailureTest() {
        super(Replica.class, 2);
    }

    /** Who has just died counts as ready until that is noticed; each death is noticed as one more attempt. */
    private void awaitBothReady() {
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            var tasks = get(user, "/api/v1/jobs/" + id() + "/tasks").json();
            return tasks.at("/0/ready").asBoolean(false)
                    && tasks.at("/1/ready").asBoolean(false)
                    && tasks.at("/0/attempts").size() + tasks.at("/1/attempts").size() == 2 + deaths;
        });
    }

    @Test
    void saysThatAReplicaClosedWithoutAnAnswer() {
        awaitBothReady();
        assertThat(serve("POST", "/close").send())
                .isProblem(502, "replica-failed")
                .isTraceable();
    }

    @Test
    void asksTheNextReplicaWhenOneIsGone() {
        awaitBothReady();
        assertThat(serve("POST", "/exit").send()).isProblem(502, "replica-failed");
        deaths++;

        for (var i = 0; i < 6; i++) {
            assertThat(serve("POST", "/x").body("text/plain", "still whole").send())
                    .hasStatus(200);
        }
        awaitBothReady();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/half", "/half?chunked"})
    void halfAnAnswerIsNeverTakenForTheWhole(String path) throws IOException {
        awaitBothReady();
        var answer = serve("GET", path).open();
        answer.body().readNBytes(9);
        // One of them goes to the replica that waits to break off.
        serve("POST", "/step").send();
        serve("POST", "/step").send();
        deaths++;

        assertThatThrownBy(() -> answer.body().readAllBytes()).isInstanceOf(IOException.class);
    }
}
