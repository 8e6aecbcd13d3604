package io.shusuan.api.job;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.api.testing.Answer;
import io.shusuan.api.testing.ApiTest;
import io.shusuan.db.identity.Role;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdempotencyTest extends ApiTest {

    private Answer submit(String token, String key, String yaml) {
        return call("POST", "/api/v1/jobs")
                .as(token)
                .with("Idempotency-Key", key)
                .body("application/yaml", yaml)
                .send();
    }

    @Test
    void givesTheFirstAnswerAgain() {
        var user = user();
        var text = training(unique("again"), heldQueue(), "true");

        var first = submit(user, "key-1", text);
        var second = submit(user, "key-1", text);

        assertThat(first).hasStatus(201).hasNoHeader("Idempotency-Replayed");
        assertThat(second).hasStatus(201).hasHeader("Idempotency-Replayed", "true");
        assertThat(second.at("/id")).isEqualTo(first.at("/id"));
        assertThat(second.header("Location")).isEqualTo(first.header("Location"));
    }

    @Test
    void refusesTheKeyForAnotherBody() {
        var user = user();
        var queue = heldQueue();
        submit(user, "key", training(unique("one"), queue, "true"));

        assertThat(submit(user, "key", training(unique("other"), queue, "true")))
                .isProblem(422, "key-reused")
                .says("key");
    }

    @Test
    void keepsTheKeysOfUsersApart() {
        var queue = heldQueue();

        assertThat(submit(user(), "shared", training(unique("mine"), queue, "true")))
                .hasStatus(201);
        assertThat(submit(user(), "shared", training(unique("yours"), queue, "true")))
                .hasStatus(201)
                .hasNoHeader("Idempotency-Replayed");
    }

    @Test
    void saysThatTheJobOfAKeyIsGone() {
        var user = user();
        var text = training(unique("gone"), heldQueue(), "true");
        var id = submit(user, "gone", text).at("/id");
        post(user, "/api/v1/jobs/" + id + "/stop");
        assertThat(call("DELETE", "/api/v1/jobs/" + id).as(user).send()).hasStatus(204);

        assertThat(submit(user, "gone", text)).isProblem(404, "not-found").says("deleted", "new key");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 256})
    void boundsTheKey(int length) {
        assertThat(submit(user(), "k".repeat(length), "jobName: x"))
                .isProblem(400, "bad-request")
                .says("Idempotency-Key");
    }

    @Test
    void sixteenAtOnceMakeOneJob() throws Exception {
        var name = newUser(Role.USER);
        var user = tokenOf(name);
        var text = training(unique("race"), heldQueue(), "true");

        var answers = new ArrayList<Answer>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var posts = threads.invokeAll(IntStream.range(0, 16)
                    .<java.util.concurrent.Callable<Answer>>mapToObj(i -> () -> submit(user, "race", text))
                    .toList());
            for (Future<Answer> post : posts) {
                answers.add(post.get());
            }
        }

        assertThat(answers).allSatisfy(answer -> assertThat(answer).hasStatus(201));
        assertThat(answers.stream().map(answer -> answer.at("/id")).distinct()).hasSize(1);
        assertThat(answers.stream()
                        .filter(answer -> answer.header("Idempotency-Replayed").isEmpty()))
                .hasSize(1);
        assertThat(get(user, "/api/v1/jobs?owner=" + name).json().path("items").size())
                .isEqualTo(1);
    }
}
