package io.shusuan.api.job;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.api.testing.ApiTest;
import java.nio.file.Files;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobPartsTest extends ApiTest {

    @Test
    void tellsTheStoryOfAJob() {
        var user = user();
        var id = submitted(user, training(unique("story"), "default", "echo done"));
        awaitState(user, id, "SUCCEEDED");

        var task = get(user, "/api/v1/jobs/" + id + "/tasks").json().path(0);
        assertThat(task.path("task").asString()).isEqualTo("main-0");
        assertThat(task.path("state").asString()).isEqualTo("SUCCEEDED");
        assertThat(task.at("/attempts/0/exitCode").asInt(-1)).isZero();

        var events = get(user, "/api/v1/jobs/" + id + "/events").json();
        var reasons = new ArrayList<String>();
        events.forEach(event -> reasons.add(event.path("reason").asString()));
        assertThat(reasons).hasSizeGreaterThan(2);
        var rest = get(
                        user,
                        "/api/v1/jobs/" + id + "/events?after="
                                + events.at("/0/id").asLong() + "&limit=2")
                .json();
        assertThat(rest.size()).isEqualTo(2);
        assertThat(rest.at("/0/id").asLong()).isEqualTo(events.at("/1/id").asLong());
    }

    @Test
    void onlyOwnersAndAdministratorsStopAndDelete() {
        var owner = user();
        var other = user();
        var id = submitted(owner, training(unique("mine"), heldQueue(), "true"));
        var path = "/api/v1/jobs/" + id;

        assertThat(post(other, path + "/stop")).isProblem(403, "forbidden").says("administrators");
        assertThat(call("DELETE", path).as(other).send()).isProblem(403, "forbidden");
        assertThat(call("DELETE", path).as(owner).send())
                .isProblem(409, "still-active")
                .says("stop it");

        assertThat(post(owner, path + "/stop")).hasStatus(202);
        assertThat(post(admin(), path + "/stop")).hasStatus(202);
        assertThat(get(other, path).at("/state")).isEqualTo("STOPPED");
        assertThat(call("DELETE", path).as(admin()).send()).hasStatus(204);
        assertThat(get(owner, path)).isProblem(404, "not-found");
        assertThat(call("DELETE", path).as(owner).send()).isProblem(404, "not-found");
    }

    @Test
    void aStoppedJobIsGoneFromTheMachine() {
        var owner = user();
        var id = submitted(owner, training(unique("long"), "default", "exec sleep 600"));
        awaitState(owner, id, "RUNNING");

        post(owner, "/api/v1/jobs/" + id + "/stop");
        awaitState(owner, id, "STOPPED");
        assertThat(call("DELETE", "/api/v1/jobs/" + id).as(owner).send()).hasStatus(204);

        assertThat(HOME.resolve("tasks").resolve(id)).doesNotExist();
        assertThat(Files.exists(HOME.resolve("artifacts").resolve(id))).isFalse();
    }

    @Test
    void whatAnActiveJobMountsStays() {
        var owner = user();
        var name = unique("made");
        var source = submitted(owner, training(name, "default", "echo 1 >$SHUSUAN_ARTIFACTS/model"));
        awaitState(owner, source, "SUCCEEDED");
        var mounting = unique("mounts");
        var held = training(mounting, heldQueue(), "true")
                + "mounts:\n- {name: model, path: /m, artifacts: %s}\n".formatted(name);
        var reader = submitted(owner, held);

        assertThat(call("DELETE", "/api/v1/jobs/" + source).as(owner).send())
                .isProblem(409, "still-mounted")
                .says(mounting);
        assertThat(HOME.resolve("artifacts").resolve(source).resolve("model")).exists();

        post(owner, "/api/v1/jobs/" + reader + "/stop");
        assertThat(call("DELETE", "/api/v1/jobs/" + source).as(owner).send()).hasStatus(204);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "1-1-1-1-1", "00000000-0000-0000-0000-000000000000", "%C3%A4", "null", "..;", "%20"})
    void findsNothingUnderGarbage(String id) {
        var user = user();
        for (var part : new String[] {"", "/spec", "/tasks", "/events", "/logs"}) {
            var answer = get(user, "/api/v1/jobs/" + id + part);
            if (id.equals("..;")) {
                assertThat(answer).isProblem(400, "bad-request");
            } else {
                assertThat(answer).isProblem(404, "not-found").isTraceable();
            }
        }
    }
}
