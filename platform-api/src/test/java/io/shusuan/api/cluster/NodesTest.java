package io.shusuan.api.cluster;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.api.testing.ApiTest;
import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.cluster.Capacity.Away.Why;
import io.shusuan.scheduler.job.Occupancy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class NodesTest extends ApiTest {

    private Optional<JsonNode> share(String token, String job) {
        var nodes = get(token, "/api/v1/nodes");
        assertThat(nodes).hasStatus(200);
        assertThat(nodes.at("/items/0/name")).isEqualTo("local");
        for (JsonNode share : nodes.json().at("/items/0/jobs")) {
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
        assertThat(get(token, "/api/v1/nodes")
                        .json()
                        .at("/items/0/held/memoryMB")
                        .asInt())
                .isGreaterThanOrEqualTo(64);

        post(token, "/api/v1/jobs/" + id + "/stop");
        awaitState(token, id, "STOPPED");
        assertThat(share(token, id)).isEmpty();
    }

    @Test
    void allNodesAreWalkedOnceWhereverTheyTurnToMeanwhile() {
        var named = List.of(node("a", null), node("c", null), node("b", Why.CORDONED), node("d", Why.NOT_READY));
        var turned = List.of(node("b", null), node("d", null), node("a", Why.CORDONED), node("c", Why.CORDONED));

        var first = NodeController.Page.of(named, null, 2);
        assertThat(first.items()).extracting(NodeController.View::name).containsExactly("a", "b");
        assertThat(first.items()).extracting(NodeController.View::away).containsExactly(null, Why.CORDONED);
        assertThat(first.next()).isEqualTo("b");
        var second = NodeController.Page.of(turned, first.next(), 2);
        assertThat(second.items()).extracting(NodeController.View::name).containsExactly("c", "d");
        assertThat(second.next()).isNull();
    }

    private static Occupancy.Taken node(String name, @Nullable Why away) {
        return new Occupancy.Taken(
                new Capacity.Node(name, Map.of(), Set.of(), Resources.NONE, Resources.NONE, 110), away, List.of());
    }

    @Test
    void aPageHasItsLimitAndSaysWhatIsAllowed() {
        var token = user();
        var behind = get(token, "/api/v1/nodes?limit=1&after=local");
        assertThat(behind).hasStatus(200);
        assertThat(behind.json().path("items")).isEmpty();
        assertThat(behind.at("/next")).isEmpty();
        for (var limit : List.of("0", "201")) {
            assertThat(get(token, "/api/v1/nodes?limit=" + limit))
                    .isProblem(400, "bad-request")
                    .says("1 to 200");
        }
    }

    @Test
    void onlyAdministratorsCloseNodesAndTheOnlyOneStaysOpen() {
        assertThat(post(user(), "/api/v1/nodes/local/cordon")).isProblem(403, "forbidden");
        assertThat(post(admin(), "/api/v1/nodes/nowhere/drain"))
                .isProblem(404, "not-found")
                .says("there is no node 'nowhere'");
        assertThat(post(admin(), "/api/v1/nodes/local/cordon"))
                .isProblem(409, "cluster-refuses")
                .says("hold or stop the queues instead");
    }

    @Test
    void strangersSeeNothing() {
        assertThat(call("GET", "/api/v1/nodes").send()).isProblem(401, "unauthenticated");
    }
}
