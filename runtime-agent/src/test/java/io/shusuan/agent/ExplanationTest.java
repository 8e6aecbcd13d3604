package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.shusuan.agent.protocol.grpc.proto.InferTensorContents;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest.InferInputTensor;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever has the id of a request can ask what became of it. */
class ExplanationTest {
    private static final String BATCHING = ModelRepository.GOLDEN_CONFIG + "dynamic_batching { }";

    @TempDir
    private Path folder;

    private ModelRepository repository() {
        return new ModelRepository(folder).identity("m", BATCHING);
    }

    private static String request(String id, int rows) {
        var data = String.join(",", Collections.nCopies(rows * 16, "1"));
        return "{\"id\":\"" + id + "\",\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[" + rows
                + ",16],\"datatype\":\"FP32\",\"data\":[" + data + "]}]}";
    }

    private static long nanos(String body, String phase) {
        var found = Pattern.compile("\"" + phase + "\":(\\d+)").matcher(body);
        assertThat(found.find()).as(phase + " in " + body).isTrue();
        return Long.parseLong(found.group(1));
    }

    @Test
    void tellsWhereARequestWaitedAndWithWhomItRan() throws Exception {
        try (var agent = RunningAgent.serving(repository(), Map.of("TRITONSERVER_DELAY_SCHEDULER", "2"))) {
            var first = agent.postLater("/v2/models/m/infer", request("first", 1));
            var second = agent.postLater("/v2/models/m/infer", request("second/of two", 3));
            assertThat(first.join().statusCode()).isEqualTo(200);
            assertThat(second.join().statusCode()).isEqualTo(200);

            var body = agent.get("/v2/requests/first").body();
            assertThat(body)
                    .startsWith("{\"id\":\"first\",\"requests\":[{\"model_name\":\"m\"")
                    .contains("\"outcome\":\"ANSWERED\",\"responses\":1,\"queue\":\"m:1\",\"priority\":0,"
                            + "\"instance\":\"m:1#0\",\"batch\":{\"number\":1,\"size\":4,\"requests\":2,"
                            + "\"left_because\":\"no_delay\"}");
            assertThat(nanos(body, "queue")
                            + nanos(body, "compute_input")
                            + nanos(body, "compute_infer")
                            + nanos(body, "compute_output"))
                    .isPositive()
                    .isLessThanOrEqualTo(nanos(body, "total"));
            assertThat(agent.get("/v2/requests/second%2Fof%20two").body()).contains("\"size\":4,\"requests\":2");
        }
    }

    @Test
    void tellsWhyARequestFailed() throws Exception {
        try (var agent = RunningAgent.serving(repository())) {
            agent.post("/v2/models/m/infer", request("wrong", 65));
            agent.post("/v2/models/m/infer", request("wrong", 1));

            assertThat(agent.get("/v2/requests/wrong").body())
                    .contains("\"outcome\":\"INVALID\",\"error\":\"", "batch-size must be <= 64")
                    .contains("\"outcome\":\"ANSWERED\"");
            var unknown = agent.get("/v2/requests/nope");
            assertThat(unknown.statusCode()).isEqualTo(404);
            assertThat(unknown.body()).contains("no request with id 'nope' has ended lately");
            assertThat(agent.post("/v2/requests/wrong", "").statusCode()).isEqualTo(405);
            assertThat(agent.get("/v2/requests").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void knowsThoseWhoLeftWhileTheyWaited() throws Exception {
        try (var agent = RunningAgent.serving(repository(), Map.of("TRITONSERVER_DELAY_SCHEDULER", "2"))) {
            var model = agent.agent().models().find("m", 1);
            var leaving = agent.postLater("/v2/models/m/infer", request("gone", 1));
            await().until(() -> model.pending() == 1);
            leaving.cancel(true);
            await().until(() -> agent.get("/v2/requests/gone").statusCode() == 200);

            var body = agent.get("/v2/requests/gone").body();
            assertThat(body)
                    .contains("\"outcome\":\"CANCELLED\"", "\"queue\":\"m:1\"")
                    .doesNotContain("\"batch\"");
            assertThat(nanos(body, "queue")).isPositive();
        }
    }

    @Test
    void knowsRequestsOfBothProtocols() throws Exception {
        try (var agent = RunningAgent.serving(repository())) {
            var channel =
                    NettyChannelBuilder.forAddress(agent.grpc()).usePlaintext().build();
            try {
                var good = ModelInferRequest.newBuilder()
                        .setModelName("m")
                        .setId("over gRPC")
                        .addInputs(InferInputTensor.newBuilder()
                                .setName("INPUT0")
                                .setDatatype("FP32")
                                .addShape(1)
                                .addShape(16)
                                .setContents(InferTensorContents.newBuilder()
                                        .addAllFp32Contents(Collections.nCopies(16, 1f))));
                ClientCalls.blockingUnaryCall(channel, Method.MODEL_INFER, CallOptions.DEFAULT, good.build());
                var bad = good.setId("bad")
                        .setInputs(0, good.getInputs(0).toBuilder().setName("OTHER"));
                assertThatThrownBy(() -> ClientCalls.blockingUnaryCall(
                                channel, Method.MODEL_INFER, CallOptions.DEFAULT, bad.build()))
                        .isInstanceOf(StatusRuntimeException.class);
            } finally {
                channel.shutdownNow();
            }
            assertThat(agent.get("/v2/requests/over%20gRPC").body()).contains("\"outcome\":\"ANSWERED\"");
            assertThat(agent.get("/v2/requests/bad").body()).contains("\"outcome\":\"INVALID\"", "OTHER");
        }
    }

    @Test
    void keepsTheLastOfEachOutcomeAndNoLongIds() throws Exception {
        try (var agent = RunningAgent.serving(repository(), "--request-history=2")) {
            agent.post("/v2/models/m/infer", request("bad", 65));
            for (int i = 0; i < 3; i++) {
                agent.post("/v2/models/m/infer", request("n" + i, 1));
            }
            agent.post("/v2/models/m/infer", request("x".repeat(257), 1));

            assertThat(agent.get("/v2/requests/n0").statusCode()).isEqualTo(404);
            assertThat(agent.get("/v2/requests/n1").statusCode()).isEqualTo(200);
            assertThat(agent.get("/v2/requests/n2").statusCode()).isEqualTo(200);
            assertThat(agent.get("/v2/requests/bad").statusCode()).isEqualTo(200);
            assertThat(agent.get("/v2/requests/" + "x".repeat(257)).statusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void answersOnlyThoseWhoMayAsk() throws Exception {
        try (var agent = RunningAgent.serving(
                repository(), Map.of("SHUSUAN_AGENT_AUTH_TOKEN", "secret"), "--http-restricted-api=trace:key=value")) {
            assertThat(agent.get("/v2/requests/any").statusCode()).isEqualTo(401);
        }
        try (var agent = RunningAgent.serving(repository(), "--http-restricted-api=trace:key=value")) {
            assertThat(agent.get("/v2/requests/any").statusCode()).isEqualTo(403);
        }
    }
}
