package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Instances that run only while the resources they name are free. */
class RateLimitTest {
    private static final String ASK = "{\"IN\":[1],\"DELAY\":[0],\"WAIT\":[%d]}";

    @TempDir
    private Path folder;

    private ModelRepository repository;

    @BeforeEach
    void write() {
        repository = new ModelRepository(folder);
    }

    private void model(String name, String limiter) {
        repository.identity(name, """
                backend: "repeat"
                model_transaction_policy { decoupled: true }
                input { name: "IN" data_type: TYPE_INT32 dims: -1 }
                input { name: "DELAY" data_type: TYPE_UINT32 dims: -1 optional: true }
                input { name: "WAIT" data_type: TYPE_UINT32 dims: 1 optional: true }
                output { name: "OUT" data_type: TYPE_INT32 dims: 1 }
                instance_group { count: 1 rate_limiter { %s } }
                """.formatted(limiter));
    }

    private static boolean hasAnswered(RunningAgent agent, String model) throws Exception {
        return agent.get("/v2/models/" + model + "/stats").body().contains("\"success\":{\"count\":1,");
    }

    @Test
    void aModelWaitsUntilAnotherGivesTheResourceBack() throws Exception {
        model("a", "resources { name: \"memory\" global: true count: 3 }");
        model("b", "resources { name: \"memory\" global: true count: 2 }");
        model("c", "resources { name: \"other\" count: 1 }");
        try (var agent =
                RunningAgent.serving(repository, "--rate-limit=execution_count", "--rate-limit-resource=memory:4")) {
            var holding = agent.postLater("/v2/models/a/generate_stream", ASK.formatted(60_000));
            await().until(() -> agent.get("/v2/models/a/stats").body().contains("\"response_stats\":{\"0\":"));
            var waiting = agent.postLater("/v2/models/b/generate_stream", ASK.formatted(0));
            // needs nothing that is taken
            assertThat(agent.post("/v2/models/c/generate_stream", ASK.formatted(0))
                            .statusCode())
                    .isEqualTo(200);
            assertThat(hasAnswered(agent, "b")).isFalse();
            assertThat(waiting).isNotDone();
            holding.cancel(true);
            assertThat(waiting.join().body()).contains("\"OUT\":1");
        }
    }

    @Test
    void withoutTheFlagNothingIsLimited() throws Exception {
        model("a", "resources { name: \"memory\" count: 1 }");
        model("b", "resources { name: \"memory\" count: 1 }");
        try (var agent = RunningAgent.serving(repository)) {
            var holding = agent.postLater("/v2/models/a/generate_stream", ASK.formatted(60_000));
            await().until(() -> agent.get("/v2/models/a/stats").body().contains("\"response_stats\":{\"0\":"));
            assertThat(agent.post("/v2/models/b/generate_stream", ASK.formatted(0))
                            .statusCode())
                    .isEqualTo(200);
            holding.cancel(true);
        }
    }

    @Test
    void refusesAnInstanceThatCouldNeverRun() throws Exception {
        model("a", "resources { name: \"memory\" count: 3 }");
        model("b", "resources { name: \"disk\" global: true count: 1 }");
        model("c", "resources { name: \"disk\" count: 1 }");
        model("d", "resources { name: \"\" count: 0 }");
        try (var agent = RunningAgent.serving(
                repository,
                "--exit-on-error=false",
                "--rate-limit=execution_count",
                "--rate-limit-resource=memory:2")) {
            assertThat(agent.post("/v2/repository/index", "").body())
                    .contains(
                            "Resource count for \\\"memory\\\" is limited to 2 which will prevent scheduling of one or more model instances, the minimum required count is 3",
                            "Resource \\\"disk\\\" is present as both global and device-specific resource",
                            "instance_group[0].rate_limiter.resources[0] needs a name and a count");
        }
    }
}
