package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.shusuan.agent.protocol.grpc.proto.InferParameter;
import io.shusuan.agent.protocol.grpc.proto.InferTensorContents;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest.InferInputTensor;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that answer more than once, over both protocols. */
class DecoupledTest {
    /** An ensemble that hands on each answer of a decoupled model; the place of an answer passes the second step by. */
    static final String CHAIN = """
            platform: "ensemble"
            model_transaction_policy { decoupled: true }
            input { name: "IN" data_type: TYPE_INT32 dims: -1 }
            input { name: "DELAY" data_type: TYPE_UINT32 dims: -1 optional: true }
            output { name: "LAST" data_type: TYPE_INT32 dims: 1 }
            output { name: "PLACE" data_type: TYPE_UINT32 dims: 1 }
            ensemble_scheduling {
              max_inflight_requests: 2
              step {
                model_name: "repeat"
                input_map { key: "IN" value: "IN" }
                input_map { key: "DELAY" value: "DELAY" }
                output_map { key: "OUT" value: "between" }
                output_map { key: "IDX" value: "PLACE" }
              }
              step {
                model_name: "plain"
                input_map { key: "INPUT" value: "between" }
                output_map { key: "OUTPUT" value: "LAST" }
              }
            }
            """;

    @TempDir
    private static Path folder;

    private static RunningAgent agent;
    private static ManagedChannel channel;

    @BeforeAll
    static void start() throws InterruptedException {
        agent = RunningAgent.serving(new ModelRepository(folder)
                .identity("repeat", """
                        backend: "repeat"
                        max_batch_size: 0
                        model_transaction_policy { decoupled: true }
                        input { name: "IN" data_type: TYPE_INT32 dims: -1 }
                        input { name: "DELAY" data_type: TYPE_UINT32 dims: -1 optional: true }
                        input { name: "WAIT" data_type: TYPE_UINT32 dims: 1 optional: true }
                        output { name: "OUT" data_type: TYPE_INT32 dims: 1 }
                        output { name: "IDX" data_type: TYPE_UINT32 dims: 1 }
                        """)
                .identity("square", """
                        backend: "square"
                        model_transaction_policy { decoupled: true }
                        input { name: "IN" data_type: TYPE_INT32 dims: 1 }
                        output { name: "OUT" data_type: TYPE_INT32 dims: 1 }
                        """)
                .identity("sum", """
                        backend: "sequence"
                        input { name: "INPUT" data_type: TYPE_INT32 dims: 1 }
                        output { name: "OUTPUT" data_type: TYPE_INT32 dims: 1 }
                        """)
                .identity(
                        "echo",
                        ModelRepository.GOLDEN_CONFIG
                                .replace("TYPE_FP32", "TYPE_INT32")
                                .replace("16", "1"))
                .identity("plain", """
                        backend: "identity"
                        input { name: "INPUT" data_type: TYPE_INT32 dims: 1 }
                        output { name: "OUTPUT" data_type: TYPE_INT32 dims: 1 }
                        """)
                .identity("chain", CHAIN)
                .onnx("slow", 1, "slow"));
        channel = NettyChannelBuilder.forAddress(agent.grpc()).usePlaintext().build();
    }

    @AfterAll
    static void stop() {
        channel.shutdownNow();
        agent.close();
    }

    private static ModelInferRequest.Builder ask(String model, String input, int... values) {
        var contents = InferTensorContents.newBuilder();
        for (int value : values) {
            contents.addIntContents(value);
        }
        return ModelInferRequest.newBuilder()
                .setModelName(model)
                .setId("call")
                .addInputs(InferInputTensor.newBuilder()
                        .setName(input)
                        .setDatatype("INT32")
                        .addShape(values.length)
                        .setContents(contents));
    }

    private static int first(ByteString bytes) {
        return Integer.reverseBytes(bytes.asReadOnlyByteBuffer().getInt());
    }

    @Test
    void sendsEachAnswerOfAMemberThroughTheRestOfItsEnsemble() throws Exception {
        var values = IntStream.range(100, 200).toArray();
        var stream = new InferStream(channel)
                .send(ask("chain", "IN", values).putParameters("triton_enable_empty_final_response", flag(true)))
                .finish();
        for (int i = 0; i < values.length; i++) {
            var answer = stream.next().getInferResponse();
            assertThat(answer.getModelName()).isEqualTo("chain");
            assertThat(answer.getOutputs(0).getName()).isEqualTo("LAST");
            assertThat(first(answer.getRawOutputContents(0))).isEqualTo(100 + i);
            assertThat(first(answer.getRawOutputContents(1))).isEqualTo(i);
        }
        assertThat(stream.next()
                        .getInferResponse()
                        .getParametersOrThrow("triton_final_response")
                        .getBoolParam())
                .isTrue();
        assertThat(stream.end().failure()).isNull();
    }

    @Test
    void stopsTheMemberWhenTheCallerOfItsEnsembleLeaves() throws Exception {
        var stream = new InferStream(channel)
                .send(ask("chain", "IN", new int[10_000])
                        .addInputs(InferInputTensor.newBuilder()
                                .setName("DELAY")
                                .setDatatype("UINT32")
                                .addShape(10_000)
                                .setContents(InferTensorContents.newBuilder()
                                        .addAllUintContents(Collections.nCopies(10_000, 20)))));
        stream.next();
        stream.cancel();
        await().until(() -> agent.metrics()
                .contains("nv_inference_request_failure{model=\"chain\",reason=\"CANCELED\",version=\"1\"} 1\n"));
        // the member's one instance is free again
        var next = new InferStream(channel).send(ask("chain", "IN", 5)).finish();
        assertThat(first(next.next().getInferResponse().getRawOutputContents(0)))
                .isEqualTo(5);
    }

    /** One runs, the others wait in the queue: they are answered as they are taken back, while all are being told. */
    @Test
    void everythingThatACallerLeavesBehindIsCancelled() throws Exception {
        var stream = new InferStream(channel);
        var slow = ask("repeat", "IN", new int[10_000])
                .addInputs(InferInputTensor.newBuilder()
                        .setName("DELAY")
                        .setDatatype("UINT32")
                        .addShape(10_000)
                        .setContents(
                                InferTensorContents.newBuilder().addAllUintContents(Collections.nCopies(10_000, 20))));
        stream.send(slow);
        stream.next();
        for (int i = 0; i < 5; i++) {
            stream.send(ask("repeat", "IN", 5));
        }
        await().until(() ->
                agent.metrics().contains("nv_inference_pending_request_count{model=\"repeat\",version=\"1\"} 5\n"));
        stream.cancel();
        await().until(() -> agent.metrics()
                .contains("nv_inference_request_failure{model=\"repeat\",reason=\"CANCELED\",version=\"1\"} 6\n"));
    }

    @Test
    void answersOnceForEachElementOverGrpc() throws Exception {
        var stream = new InferStream(channel)
                .send(ask("repeat", "IN", 7, 8, 9).putParameters("triton_enable_empty_final_response", flag(true)))
                .finish();

        for (int i = 0; i < 3; i++) {
            var answer = stream.next().getInferResponse();
            assertThat(answer.getId()).isEqualTo("call");
            assertThat(answer.getOutputs(0).getName()).isEqualTo("OUT");
            assertThat(first(answer.getRawOutputContents(0))).isEqualTo(7 + i);
            assertThat(first(answer.getRawOutputContents(1))).isEqualTo(i);
            assertThat(answer.getParametersOrThrow("triton_final_response").getBoolParam())
                    .isFalse();
        }
        var last = stream.next().getInferResponse();
        assertThat(last.getOutputsList()).isEmpty();
        assertThat(last.getParametersOrThrow("triton_final_response").getBoolParam())
                .isTrue();
        assertThat(stream.end().failure()).isNull();
    }

    @Test
    void answersEachElementAsAnEventOverHttp() throws Exception {
        var answer = agent.post("/v2/models/repeat/generate_stream", "{\"IN\":[5,6]}");

        assertThat(answer.headers().firstValue("content-type")).contains("text/event-stream; charset=utf-8");
        assertThat(answer.body())
                .isEqualTo("data: {\"IDX\":0,\"OUT\":5,\"model_name\":\"repeat\",\"model_version\":\"1\"}\n\n"
                        + "data: {\"IDX\":1,\"OUT\":6,\"model_name\":\"repeat\",\"model_version\":\"1\"}\n\n");
        assertThat(agent.get("/v2/models/repeat/stats").body())
                .contains("\"response_stats\":{\"0\":{\"compute_infer\":{\"count\":")
                .contains("\"1\":{\"compute_infer\":{\"count\":");
    }

    @Test
    void generatesOnceOrSaysThatThereIsMore() throws Exception {
        var one = agent.post("/v2/models/repeat/generate", "{\"IN\":[5]}");
        var none = agent.post("/v2/models/repeat/generate", "{\"IN\":[]}");
        var two = agent.post("/v2/models/repeat/generate", "{\"IN\":[5,6]}");

        assertThat(one.body()).isEqualTo("{\"IDX\":0,\"OUT\":5,\"model_name\":\"repeat\",\"model_version\":\"1\"}");
        for (var refused : List.of(none, two)) {
            assertThat(refused.statusCode()).isEqualTo(500);
            assertThat(refused.body()).contains("generate expects model to produce exactly 1 response");
        }
    }

    @Test
    void refusesCallsThatTakeOneAnswer() throws Exception {
        var http = agent.post(
                "/v2/models/repeat/infer",
                "{\"inputs\":[{\"name\":\"IN\",\"shape\":[1],\"datatype\":\"INT32\",\"data\":[1]}]}");

        assertThat(http.statusCode()).isEqualTo(501);
        assertThat(http.body())
                .isEqualTo("{\"error\":\"HTTP end point doesn't support models with decoupled transaction policy\"}");
        assertThatThrownBy(() -> ClientCalls.blockingUnaryCall(
                        channel,
                        Method.MODEL_INFER,
                        CallOptions.DEFAULT,
                        ask("repeat", "IN", 1).build()))
                .hasMessage("UNIMPLEMENTED: ModelInfer RPC doesn't support models with decoupled transaction policy");
    }

    @Test
    void keepsTheOrderOfAStreamAndLivesThroughItsErrors() throws Exception {
        var stream = new InferStream(channel);
        var slow = ModelInferRequest.newBuilder()
                .setModelName("slow")
                .setId("slow")
                .addInputs(InferInputTensor.newBuilder()
                        .setName("X")
                        .setDatatype("FP32")
                        .addShape(512)
                        .addShape(512))
                .addRawInputContents(ByteString.copyFrom(new byte[1 << 20]));
        stream.send(slow);
        for (int i = 0; i < 300; i++) {
            var request = ask("echo", "INPUT0", i).setId(Integer.toString(i));
            request.getInputsBuilder(0).clearShape().addShape(1).addShape(1);
            stream.send(request);
        }
        stream.send(ask("nope", "IN", 1).setId("bad")).finish();

        var failures = 0;
        var ids = new ArrayList<String>();
        for (int i = 0; i < 302; i++) {
            var answer = stream.next();
            if (answer.getErrorMessage().isEmpty()) {
                ids.add(answer.getInferResponse().getId());
            } else {
                failures++;
                assertThat(answer.getErrorMessage()).isEqualTo("Request for unknown model: 'nope' is not found");
                assertThat(answer.getInferResponse().getId()).isEqualTo("bad");
            }
        }
        assertThat(failures).isEqualTo(1);
        assertThat(ids.getFirst()).isEqualTo("slow");
        assertThat(ids.subList(1, 301))
                .isEqualTo(IntStream.range(0, 300).mapToObj(Integer::toString).toList());
        assertThat(stream.end().failure()).isNull();
    }

    @Test
    void endsTheStreamWithAStatusWhenTheCallerWantsIt() throws Exception {
        var stream = new InferStream(channel, "triton_grpc_error", "true").send(ask("nope", "IN", 1));

        assertThat(stream.end().failure())
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        ended -> assertThat(ended.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
    }

    @Test
    void addsUpEachSequenceByItself() throws Exception {
        var stream = new InferStream(channel);
        for (int i = 1; i <= 3; i++) {
            for (long id : new long[] {1, 2}) {
                stream.send(ask("sum", "INPUT", (int) (i * id))
                        .putParameters(
                                "sequence_id",
                                InferParameter.newBuilder().setInt64Param(id).build())
                        .putParameters("sequence_start", flag(i == 1))
                        .putParameters("sequence_end", flag(i == 3)));
            }
        }
        for (int expected : new int[] {1, 2, 3, 6, 6, 12}) {
            assertThat(first(stream.next().getInferResponse().getRawOutputContents(0)))
                    .isEqualTo(expected);
        }
        stream.finish();
        assertThat(agent.post("/v2/models/sum/generate", "{\"INPUT\":1}").body())
                .contains("must specify a non-zero or non-empty correlation ID");
        assertThat(agent.post("/v2/models/sum/generate", "{\"INPUT\":4,\"sequence_id\":\"a\",\"sequence_start\":true}")
                        .body())
                .contains("\"OUTPUT\":4");
        assertThat(agent.post("/v2/models/sum/generate", "{\"INPUT\":4,\"parameters\":{\"sequence_id\":\"a\"}}")
                        .body())
                .contains("\"OUTPUT\":8");
    }

    @Test
    void stopsAModelWhoseCallerReadsNothingAndLeaves() throws Exception {
        var body = "{\"IN\":50000000}";
        try (var socket = new Socket(agent.http().getAddress(), agent.http().getPort())) {
            socket.getOutputStream()
                    .write(("POST /v2/models/square/generate_stream HTTP/1.1\r\nHost: a\r\nContent-Length: "
                                    + body.length() + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().read()).isEqualTo('H');
        }
        await().until(() -> agent.metrics()
                .contains("nv_inference_request_failure{model=\"square\",reason=\"CANCELED\",version=\"1\"} 1\n"));
    }

    private static InferParameter flag(boolean value) {
        return InferParameter.newBuilder().setBoolParam(value).build();
    }
}
