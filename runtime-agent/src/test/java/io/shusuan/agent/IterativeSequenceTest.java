package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.shusuan.agent.protocol.grpc.proto.InferTensorContents;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest.InferInputTensor;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that are answered in many steps. */
class IterativeSequenceTest {
    private static final String STATE =
            "state { input_name: \"LEFT\" output_name: \"LEFT_OUT\" data_type: TYPE_INT32 dims: 1 }";

    @TempDir
    private Path folder;

    private ModelRepository repository;

    @BeforeEach
    void write() {
        repository = new ModelRepository(folder);
        counts("decoupled: true", "oldest { max_candidate_sequences: 4 }", 0);
    }

    private void counts(String policy, String strategy, int maxBatchSize) {
        repository.identity("count", """
                backend: "iterative_sequence"
                max_batch_size: %d
                model_transaction_policy { %s }
                input { name: "INPUT" data_type: TYPE_INT32 dims: 1 }
                output { name: "OUTPUT" data_type: TYPE_INT32 dims: 1 }
                sequence_batching { iterative_sequence: true %s %s }
                """.formatted(maxBatchSize, policy, strategy, STATE));
    }

    private static ModelInferRequest.Builder from(String id, int number) {
        return ModelInferRequest.newBuilder()
                .setModelName("count")
                .setId(id)
                .addInputs(InferInputTensor.newBuilder()
                        .setName("INPUT")
                        .setDatatype("INT32")
                        .addShape(1)
                        .setContents(InferTensorContents.newBuilder().addIntContents(number)));
    }

    private static ManagedChannel channel(RunningAgent agent) {
        return NettyChannelBuilder.forAddress(agent.grpc()).usePlaintext().build();
    }

    private static List<String> answers(InferStream stream, int count) throws InterruptedException {
        var answers = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            var answer = stream.next();
            assertThat(answer.getErrorMessage()).isEmpty();
            answers.add(answer.getInferResponse().getId()
                    + answer.getInferResponse()
                            .getRawOutputContents(0)
                            .asReadOnlyByteBuffer()
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getInt());
        }
        return answers;
    }

    @Test
    void requestsTakeTurnsOnOneInstanceStepByStep() throws Exception {
        try (var agent = RunningAgent.serving(repository, Map.of("TRITONSERVER_DELAY_SCHEDULER", "2"))) {
            var channel = channel(agent);
            try {
                var stream = new InferStream(channel).send(from("a", 3)).send(from("b", 4));
                assertThat(answers(stream, 7)).containsExactly("a2", "b3", "a1", "b2", "a0", "b1", "b0");
                assertThat(stream.finish().end().failure()).isNull();
            } finally {
                channel.shutdownNow();
            }
            // seven steps, two requests
            assertThat(agent.get("/v2/models/count/stats").body())
                    .contains("\"inference_count\":2,\"execution_count\":7")
                    .contains("\"response_stats\":{\"0\":{\"compute_infer\":{\"count\":2,")
                    .contains("\"success\":{\"count\":2,");
        }
    }

    @Test
    void aDirectStrategyWillDoWhereABatchIsOneRequest() throws Exception {
        counts("decoupled: true", "", 1);
        try (var agent = RunningAgent.serving(repository)) {
            var answer = agent.post("/v2/models/count/generate_stream", "{\"INPUT\":3}");
            assertThat(answer.body())
                    .contains("\"OUTPUT\":2,")
                    .contains("\"OUTPUT\":1,")
                    .contains("\"OUTPUT\":0,");
        }
    }

    @Test
    void aCallerWhoLeavesEndsTheSequence() throws Exception {
        try (var agent = RunningAgent.serving(repository)) {
            var channel = channel(agent);
            try {
                var stream = new InferStream(channel).send(from("endless", Integer.MAX_VALUE));
                assertThat(answers(stream, 1)).containsExactly("endless2147483646");
                stream.cancel();
                await().until(() -> agent.metrics()
                        .contains(
                                "nv_inference_request_failure{model=\"count\",reason=\"CANCELED\",version=\"1\"} 1\n"));
                assertThat(agent.post("/v2/models/count/generate_stream", "{\"INPUT\":1}")
                                .body())
                        .contains("\"OUTPUT\":0,");
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private String refusal() throws Exception {
        try (var agent = RunningAgent.serving(repository, "--exit-on-error=false")) {
            return agent.post("/v2/repository/index", "").body();
        }
    }

    @Test
    void refusesWhatTakesNoSteps() throws Exception {
        counts("decoupled: false", "", 0);
        assertThat(refusal())
                .contains("sequence_batching.iterative_sequence is not supported by this server: add"
                        + " model_transaction_policy { decoupled: true }");
        counts("decoupled: true", "direct {}", 2);
        assertThat(refusal()).contains("with the direct strategy it needs a max_batch_size of at most 1");
        repository
                .remove("count")
                .onnx("onnx", 1, "identity")
                .config(
                        "onnx",
                        "model_transaction_policy { decoupled: true } sequence_batching { iterative_sequence: true }");
        assertThat(refusal())
                .contains("sequence_batching.iterative_sequence of 'onnx' asks for models that take several steps, and"
                        + " those of the backend 'onnxruntime' do not");
    }
}
