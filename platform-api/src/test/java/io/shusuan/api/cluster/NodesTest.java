package io.shusuan.api.cluster;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.api.testing.ApiTest;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class NodesTest extends ApiTest {

    private Optional<JsonNode> share(String token, String job) {
        var nodes = get(token, "/api/v1/nodes");
        assertThat(nodes).hasStatus(200);
        assertThat(nodes.at("/0/name")).isEqualTo("local");
        for (JsonNode share : nodes.json().path(0).path("jobs")) {
            if (share.path("job").asString().equals(job)) {
                return Optional.of(share);
            }
        }
        return Optional.empty();
    }

    @Test
    void aJobIsOnTheNodeItHoldsResourcesOfAsLongAsItDoes() {
        var token = user();
        var id = submitted(token, training(unique("on-node"), "default", "sleep 1000"));
        awaitState(token, id, "RUNNING");

        var share = share(token, id).orElseThrow();
        assertThat(share.path("queue").asString()).isEqualTo("default");
        assertThat(share.path("tasks").asInt()).isOne();
        assertThat(share.path("amount").toString()).isEqualTo("{\"cpus\":1,\"memoryMB\":64,\"gpus\":0}");
        assertThat(get(token, "/api/v1/nodes").json().at("/0/held/memoryMB").asInt())
                .isGreaterThanOrEqualTo(64);

        post(token, "/api/v1/jobs/" + id + "/stop");
        awaitState(token, id, "STOPPED");
        assertThat(share(token, id)).isEmpty();
    }

    @Test
    void strangersSeeNothing() {
        assertThat(call("GET", "/api/v1/nodes").send()).isProblem(401, "unauthenticated");
    }
}
