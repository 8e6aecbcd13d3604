package io.shusuan.api.problem;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.awaitility.Awaitility.await;

import io.shusuan.api.testing.ApiTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DatabaseAwayTest extends ApiTest {

    @AfterEach
    void mend() {
        LINE.mend();
        await().until(() -> call("GET", "/actuator/health").send().status() == 200);
    }

    @Test
    void saysSoAndRecovers() {
        var user = user();
        assertThat(get(user, "/api/v1/jobs")).hasStatus(200);

        LINE.cut();

        // The token is still remembered, so this fails in the controller; an unknown one fails in the filter.
        assertThat(get(user, "/api/v1/jobs"))
                .isProblem(503, "database-unreachable")
                .isTraceable();
        assertThat(get("shu_unknown", "/api/v1/jobs"))
                .isProblem(503, "database-unreachable")
                .isTraceable();
        assertThat(submit(user, training("away", "default", "true"))).isProblem(503, "database-unreachable");

        LINE.mend();

        await().until(() -> get(user, "/api/v1/jobs").status() == 200);
    }
}
