package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.shusuan.agent.protocol.grpc.proto.InferParameter;
import io.shusuan.agent.protocol.grpc.proto.InferTensorContents;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest.InferInputTensor;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that belong together: each is answered with the sum of what its sequence has brought. */
class SequenceTest {
    private static final String CONTROLS = """

            control_input { name: "START" control { kind: CONTROL_SEQUENCE_START int32_false_true: [ 0, 1 ] } }
            control_input { name: "END" control { kind: CONTROL_SEQUENCE_END fp32_false_true: [ 0, 1 ] } }
            control_input { name: "READY" control { kind: CONTROL_SEQUENCE_READY bool_false_true: [ false, true ] } }
            """;

    private static final String ID =
            "control_input { name: \"ID\" control { kind: CONTROL_SEQUENCE_CORRID data_type: TYPE_UINT64 } }";

    @TempDir
    private Path folder;

    private ModelRepository repository;

    @BeforeEach
    void write() {
        repository = new ModelRepository(folder);
    }

    private ModelRepository sums(int maxBatchSize, String batching, String more) {
        return repository.identity("sum", """
                backend: "sequence"
                max_batch_size: %d
                input { name: "INPUT" data_type: TYPE_INT32 dims: 1 }
                output { name: "OUTPUT" data_type: TYPE_INT32 dims: 1 }
                sequence_batching { %s }
                %s
                """.formatted(maxBatchSize, batching, more));
    }

    private static String ask(Object id, String flags, int value) {
        return "{\"parameters\":{\"sequence_id\":" + (id instanceof String text ? "\"" + text + "\"" : id)
                + (flags.contains("s") ? ",\"sequence_start\":true" : "")
                + (flags.contains("e") ? ",\"sequence_end\":true" : "")
                + "},\"inputs\":[{\"name\":\"INPUT\",\"shape\":[1,1],\"datatype\":\"INT32\",\"data\":[" + value
                + "]}]}";
    }

    private static int sum(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        var data = answer.body().substring(answer.body().indexOf("\"data\":[") + 8);
        return (int) Double.parseDouble(data.substring(0, data.indexOf(']')));
    }

    private static int send(RunningAgent agent, Object id, String flags, int value) throws Exception {
        return sum(agent.post("/v2/models/sum/infer", ask(id, flags, value)));
    }

    private static CompletableFuture<HttpResponse<String>> sendLater(
            RunningAgent agent, Object id, String flags, int value) {
        int before = agent.agent().models().find("sum", 1).pending();
        var answer = agent.postLater("/v2/models/sum/infer", ask(id, flags, value));
        await().until(() -> agent.agent().models().find("sum", 1).pending() > before);
        return answer;
    }

    @Test
    void keepsSequencesApartWithBothStrategies() throws Exception {
        for (var strategy : List.of("direct {}", "oldest { max_candidate_sequences: 4 }", "")) {
            sums(4, strategy + CONTROLS + ID, "");
            try (var agent = RunningAgent.serving(repository)) {
                assertThat(send(agent, 1, "s", 10)).isEqualTo(10);
                assertThat(send(agent, 2, "s", 100)).isEqualTo(100);
                assertThat(send(agent, 1, "", 20)).isEqualTo(30);
                assertThat(send(agent, 2, "", 200)).isEqualTo(300);
                assertThat(send(agent, 1, "e", 30)).isEqualTo(60);
                assertThat(send(agent, 2, "e", 300)).isEqualTo(600);
                assertThat(send(agent, 3, "se", 7)).isEqualTo(7);
                assertThat(agent.get("/v2/models/sum").body())
                        .as("controls are not the callers' business")
                        .doesNotContain("START");
            }
        }
    }

    @Test
    void theDirectStrategyGivesEachSequenceARowThatStaysItsOwn() throws Exception {
        sums(4, "direct {}" + CONTROLS, "");
        try (var agent = RunningAgent.serving(repository, Map.of("TRITONSERVER_DELAY_SCHEDULER", "6"))) {
            var sent = new ArrayList<CompletableFuture<HttpResponse<String>>>();
            sent.add(sendLater(agent, 1, "s", 1));
            sent.add(sendLater(agent, 2, "s", 10));
            sent.add(sendLater(agent, 3, "s", 100));
            sent.add(sendLater(agent, 3, "", 200));
            sent.add(sendLater(agent, 1, "", 2));
            sent.add(agent.postLater("/v2/models/sum/infer", ask(3, "e", 300)));
            assertThat(sent.stream().map(answer -> sum(answer.join())).toList())
                    .containsExactly(1, 10, 100, 300, 3, 600);
            assertThat(agent.get("/v2/models/sum/stats").body())
                    .contains(
                            "\"inference_count\":6,\"execution_count\":3",
                            "{\"batch_size\":1,",
                            "{\"batch_size\":2,",
                            "{\"batch_size\":3,");
        }
    }

    @Test
    void sequencesThatFindNoSlotWaitForOne() throws Exception {
        for (var strategy : List.of("direct {}", "oldest { max_candidate_sequences: 2 }")) {
            sums(2, strategy + CONTROLS + ID, "");
            try (var agent = RunningAgent.serving(
                    repository,
                    Map.of("TRITONSERVER_DELAY_SCHEDULER", "3", "TRITONSERVER_BACKLOG_DELAY_SCHEDULER", "2"))) {
                var first = sendLater(agent, 1, "s", 1);
                var second = sendLater(agent, 2, "s", 2);
                var third = sendLater(agent, 3, "s", 3);
                var third2 = sendLater(agent, 3, "e", 30);
                assertThat(agent.agent().models().find("sum", 1).pending()).isEqualTo(4);
                var last = agent.postLater("/v2/models/sum/infer", ask(1, "e", 10));
                assertThat(List.of(sum(first.join()), sum(last.join()), sum(second.join())))
                        .containsExactly(1, 11, 2);
                assertThat(List.of(sum(third.join()), sum(third2.join()))).containsExactly(3, 33);
            }
        }
    }

    @Test
    void spreadsSequencesOverInstancesAndStaysWithThem() throws Exception {
        sums(1, "direct {}" + CONTROLS, "instance_group { count: 4 }");
        try (var agent = RunningAgent.serving(repository)) {
            for (int round = 0; round < 5; round++) {
                for (int id = 1; id <= 4; id++) {
                    assertThat(send(agent, id, round == 0 ? "s" : round == 4 ? "e" : "", id))
                            .isEqualTo((round + 1) * id);
                }
            }
        }
    }

    @Test
    void refusesWhatIsNotInASequenceInTheWordsClientsKnow() throws Exception {
        sums(4, "direct {}" + CONTROLS + ID, "");
        try (var agent = RunningAgent.serving(repository)) {
            refuses(
                    agent,
                    ask(37, "", 1),
                    "inference request for sequence 37 to model 'sum' must specify the START flag on the first request of the sequence");
            refuses(
                    agent,
                    ask(0, "s", 1),
                    "inference request to model 'sum' must specify a non-zero or non-empty correlation ID");
            refuses(
                    agent,
                    ask(37, "s", 1).replace("[1,1]", "[2,1]").replace("[1]}", "[1,2]}"),
                    "inference request to model 'sum' must specify batch-size 1 due to requirements of sequence batcher");
            refuses(
                    agent,
                    ask("abc", "s", 1),
                    "has a correlation ID that its control input of type TYPE_UINT64 cannot carry");
            assertThat(send(agent, 37, "se", 1)).isEqualTo(1);
            refuses(agent, ask(37, "", 1), "must specify the START flag");
            assertThat(agent.metrics())
                    .contains("nv_inference_request_failure{model=\"sum\",reason=\"OTHER\",version=\"1\"} 5\n");
        }
    }

    private static void refuses(RunningAgent agent, String request, String why) throws Exception {
        var refused = agent.post("/v2/models/sum/infer", request);
        assertThat(refused.body()).contains(why);
        assertThat(refused.statusCode()).isEqualTo(400);
    }

    @Test
    void aStartInPlaceOfAnEndBeginsAnew() throws Exception {
        sums(4, "direct {}" + CONTROLS, "");
        try (var agent = RunningAgent.serving(repository)) {
            assertThat(send(agent, 5, "s", 1)).isEqualTo(1);
            assertThat(send(agent, 5, "", 2)).isEqualTo(3);
            assertThat(send(agent, 5, "s", 10)).isEqualTo(10);
            assertThat(send(agent, 5, "e", 5)).isEqualTo(15);
        }
    }

    @Test
    void aSilentSequenceLosesItsSlot() throws Exception {
        sums(1, "direct {} max_sequence_idle_microseconds: 50000" + CONTROLS, "");
        try (var agent = RunningAgent.serving(repository)) {
            assertThat(send(agent, 1, "s", 1)).isEqualTo(1);
            // the only slot is taken: this waits until the first has been silent for long enough
            assertThat(send(agent, 2, "s", 2)).isEqualTo(2);
            refuses(agent, ask(1, "", 1), "must specify the START flag");
        }
    }

    @Test
    void aSequenceWhoseTimeInTheBacklogIsOverIsRefused() throws Exception {
        sums(1, "direct {} max_sequence_idle_microseconds: 60000000" + CONTROLS, "");
        try (var agent = RunningAgent.serving(repository)) {
            assertThat(send(agent, 1, "s", 1)).isEqualTo(1);
            var late = agent.post(
                    "/v2/models/sum/infer",
                    ask(2, "s", 2).replace("\"sequence_id\"", "\"timeout\":2000,\"sequence_id\""));
            assertThat(late.statusCode()).isEqualTo(503);
            assertThat(late.body()).contains("timeout of the corresponding sequence has been expired");
            assertThat(send(agent, 1, "e", 1)).isEqualTo(2);
            assertThat(send(agent, 2, "se", 2)).isEqualTo(2);
        }
    }

    @Test
    void aCancelledRequestEndsItsSequence() throws Exception {
        sums(1, "direct {} max_sequence_idle_microseconds: 60000000" + CONTROLS, "");
        try (var agent = RunningAgent.serving(repository)) {
            assertThat(send(agent, 1, "s", 1)).isEqualTo(1);
            var waiting = sendLater(agent, 2, "s", 2);
            waiting.cancel(true);
            await().until(() -> agent.agent().models().find("sum", 1).pending() == 0);
            refuses(agent, ask(2, "", 1), "must specify the START flag");
            assertThat(send(agent, 1, "e", 1)).isEqualTo(2);
            assertThat(send(agent, 2, "se", 5)).isEqualTo(5);
        }
    }

    @Test
    void idsAreTextOrNumbersOverBothProtocols() throws Exception {
        sums(4, "oldest { max_candidate_sequences: 4 }" + CONTROLS + ID.replace("UINT64", "STRING"), "");
        try (var agent = RunningAgent.serving(repository)) {
            assertThat(send(agent, "甲", "s", 1)).isEqualTo(1);
            assertThat(send(agent, 7, "s", 10)).isEqualTo(10);
            var channel =
                    NettyChannelBuilder.forAddress(agent.grpc()).usePlaintext().build();
            var request = ModelInferRequest.newBuilder()
                    .setModelName("sum")
                    .putParameters(
                            "sequence_id",
                            InferParameter.newBuilder().setStringParam("甲").build())
                    .putParameters(
                            "sequence_end",
                            InferParameter.newBuilder().setBoolParam(true).build())
                    .addInputs(InferInputTensor.newBuilder()
                            .setName("INPUT")
                            .setDatatype("INT32")
                            .addShape(1)
                            .addShape(1)
                            .setContents(InferTensorContents.newBuilder().addIntContents(5)));
            var answer =
                    ClientCalls.blockingUnaryCall(channel, Method.MODEL_INFER, CallOptions.DEFAULT, request.build());
            assertThat(answer.getRawOutputContents(0).byteAt(0)).isEqualTo((byte) 6);
            request.putParameters(
                    "sequence_id", InferParameter.newBuilder().setInt64Param(7).build());
            answer = ClientCalls.blockingUnaryCall(channel, Method.MODEL_INFER, CallOptions.DEFAULT, request.build());
            assertThat(answer.getRawOutputContents(0).byteAt(0)).isEqualTo((byte) 15);
            channel.shutdownNow();
        }
    }

    /** An ONNX model without a memory of its own: the sum travels as a state. */
    private ModelRepository accumulator(String batching) {
        return repository.onnx("sum", 1, "accumulate").config("sum", """
                max_batch_size: 4
                input { name: "INPUT" data_type: TYPE_INT32 dims: 1 }
                output { name: "OUTPUT" data_type: TYPE_INT32 dims: 1 }
                sequence_batching { %s }
                """.formatted(batching));
    }

    private static final String STATE =
            "state { input_name: \"SUM_IN\" output_name: \"SUM_OUT\" data_type: TYPE_INT32 dims: 1 %s }";

    @Test
    void theServerKeepsTheStatesOfAModelThatHasNoMemory() throws Exception {
        for (var strategy : List.of("direct {}", "oldest { max_candidate_sequences: 4 }")) {
            accumulator(strategy + STATE.formatted(""));
            try (var agent = RunningAgent.serving(repository, Map.of("TRITONSERVER_DELAY_SCHEDULER", "6"))) {
                var sent = new ArrayList<CompletableFuture<HttpResponse<String>>>();
                sent.add(sendLater(agent, 1, "s", 1));
                sent.add(sendLater(agent, 2, "s", 10));
                sent.add(sendLater(agent, 1, "", 2));
                sent.add(sendLater(agent, 2, "e", 20));
                sent.add(sendLater(agent, 1, "e", 3));
                sent.add(agent.postLater("/v2/models/sum/infer", ask(3, "se", 100)));
                assertThat(sent.stream().map(answer -> sum(answer.join())).toList())
                        .containsExactly(1, 10, 3, 30, 6, 100);
                assertThat(send(agent, 1, "s", 5))
                        .as("a new sequence starts from nothing")
                        .isEqualTo(5);
                assertThat(agent.post("/v2/models/sum/infer", ask(1, "e", 1)).body())
                        .doesNotContain("SUM_OUT");
            }
        }
    }

    @Test
    void aStateBeginsAsItsFileSays() throws Exception {
        accumulator("direct {}"
                + STATE.formatted(
                        "initial_state { name: \"seven\" data_type: TYPE_INT32 dims: 1 data_file: \"seven\" }"));
        Files.createDirectories(folder.resolve("sum/initial_state"));
        Files.write(
                folder.resolve("sum/initial_state/seven"),
                ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(7).array());
        try (var agent = RunningAgent.serving(repository)) {
            assertThat(send(agent, 1, "s", 1)).isEqualTo(8);
            assertThat(send(agent, 1, "e", 1)).isEqualTo(9);
        }
    }

    @Test
    void warmsUpWithAWholeSequence() throws Exception {
        accumulator("direct {}" + STATE.formatted(""))
                .config("sum", Files.readString(folder.resolve("sum/config.pbtxt")) + """
                model_warmup { name: "one" inputs { key: "INPUT" value { data_type: TYPE_INT32 dims: 1 random_data: true } } }
                """);
        try (var agent = RunningAgent.serving(repository)) {
            assertThat(send(agent, 1, "se", 4)).isEqualTo(4);
        }
    }

    @Test
    void holdsABatchForMoreRowsUpToTheDelay() throws Exception {
        sums(4, "direct { minimum_slot_utilization: 0.5 max_queue_delay_microseconds: 60000000 }" + CONTROLS, "");
        try (var agent = RunningAgent.serving(repository)) {
            var one = sendLater(agent, 1, "se", 1);
            var two = agent.postLater("/v2/models/sum/infer", ask(2, "se", 2));
            assertThat(List.of(sum(one.join()), sum(two.join()))).containsExactly(1, 2);
            assertThat(agent.get("/v2/models/sum/stats").body()).contains("\"execution_count\":1", "\"batch_size\":2");
        }
    }

    @Test
    void manySequencesAtOnceStayInOrder() throws Exception {
        sums(
                4,
                "oldest { max_candidate_sequences: 3 max_queue_delay_microseconds: 100 }" + CONTROLS + ID,
                "instance_group { count: 2 }");
        try (var agent = RunningAgent.serving(repository)) {
            IntStream.rangeClosed(1, 24).parallel().forEach(id -> {
                try {
                    for (int i = 1; i <= 10; i++) {
                        assertThat(send(agent, id, i == 1 ? "s" : i == 10 ? "e" : "", id))
                                .isEqualTo(i * id);
                    }
                } catch (Exception failed) {
                    throw new AssertionError(failed);
                }
            });
        }
    }

    @Test
    void aSequenceEndsWithTheVersionItBeganWith() throws Exception {
        sums(4, "direct {} max_sequence_idle_microseconds: 60000000" + CONTROLS, "");
        try (var agent = RunningAgent.serving(repository, "--model-control-mode=explicit", "--load-model=sum")) {
            assertThat(send(agent, 1, "s", 1)).isEqualTo(1);
            repository.file("sum/2/unused", "");
            assertThat(agent.post("/v2/repository/models/sum/load", "").statusCode())
                    .isEqualTo(200);
            assertThat(agent.post("/v2/models/sum/infer", ask(2, "s", 5)).body())
                    .contains("\"model_version\":\"2\"");
            var old = agent.post("/v2/models/sum/infer", ask(1, "", 2));
            assertThat(sum(old)).isEqualTo(3);
            assertThat(old.body()).contains("\"model_version\":\"1\"");
            assertThat(send(agent, 1, "e", 4)).isEqualTo(7);
            refuses(agent, ask(1, "", 1), "must specify the START flag");
            assertThat(send(agent, 2, "e", 5)).isEqualTo(10);
            assertThat(agent.post("/v2/models/sum/infer", ask(1, "se", 8)).body())
                    .contains("\"model_version\":\"2\"");
        }
    }

    private String refusal(String batching) throws Exception {
        sums(4, batching, "");
        try (var agent = RunningAgent.serving(repository, "--exit-on-error=false")) {
            return agent.post("/v2/repository/index", "").body();
        }
    }

    @Test
    void refusesWhatCannotBeHonoured() throws Exception {
        assertThat(refusal("direct { minimum_slot_utilization: 2 }"))
                .contains("is 2.0; a share from 0 to 1 is allowed");
        assertThat(refusal("control_input { name: \"A\" control { kind: CONTROL_SEQUENCE_START } }"))
                .contains("needs two values, for false and for true");
        assertThat(refusal(ID.replace("UINT64", "FP32"))).contains("are allowed for a correlation id");
        assertThat(refusal(ID + ID)).contains("of kind CONTROL_SEQUENCE_CORRID is there twice");
        assertThat(refusal(STATE.formatted("use_growable_memory: true")))
                .contains("use_growable_memory is not supported");
        assertThat(refusal(STATE.replace("dims: 1", "dims: -1").formatted("")))
                .contains("needs a max_batch_size of at most 1");
        accumulator("direct {}" + STATE.replace("SUM_OUT", "NOPE").formatted(""));
        try (var agent = RunningAgent.serving(repository, "--exit-on-error=false")) {
            assertThat(agent.post("/v2/repository/index", "").body())
                    .contains("the configuration names the output 'NOPE'");
        }
    }
}
