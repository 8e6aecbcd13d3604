package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests whose inputs differ in length, in one batch. */
class RaggedTest {
    @TempDir
    private Path folder;

    private ModelRepository repository;

    @BeforeEach
    void write() {
        repository = new ModelRepository(folder);
    }

    private ModelRepository doubling(String kind) {
        return repository.onnx("m", 1, "ragged").config("m", """
                max_batch_size: 8
                dynamic_batching {}
                input { name: "X" data_type: TYPE_FP32 dims: -1 allow_ragged_batch: true }
                output { name: "TWICE" data_type: TYPE_FP32 dims: -1 }
                output { name: "LENGTH" data_type: TYPE_FP32 dims: 1 }
                batch_input { kind: %s target_name: "COUNT" data_type: TYPE_FP32 source_input: "X" }
                batch_output { kind: BATCH_SCATTER_WITH_INPUT_SHAPE target_name: "TWICE" source_input: "X" }
                """.formatted(kind));
    }

    private static String ask(int length) {
        return "{\"inputs\":[{\"name\":\"X\",\"shape\":[1," + length + "],\"datatype\":\"FP32\",\"data\":["
                + IntStream.rangeClosed(1, length).mapToObj(Integer::toString).collect(Collectors.joining(","))
                + "]}]}";
    }

    private static List<String> send(RunningAgent agent, int... lengths) {
        var answers = new ArrayList<CompletableFuture<String>>();
        for (int i = 0; i < lengths.length; i++) {
            answers.add(agent.postLater("/v2/models/m/infer", ask(lengths[i])).thenApply(answer -> answer.body()));
            int waiting = i + 1;
            if (waiting < lengths.length) {
                await().until(() -> agent.agent().models().find("m", 1).pending() == waiting);
            }
        }
        return answers.stream().map(CompletableFuture::join).toList();
    }

    @Test
    void requestsOfDifferentLengthsRunTogetherAndEachGetsItsOwnPart() throws Exception {
        try (var agent =
                RunningAgent.serving(doubling("BATCH_ELEMENT_COUNT"), Map.of("TRITONSERVER_DELAY_SCHEDULER", "3"))) {
            var answers = send(agent, 3, 1, 2);
            assertThat(answers.get(0))
                    .contains("\"shape\":[1,3],\"data\":[2.0,4.0,6.0]", "\"shape\":[1,1],\"data\":[3.0]");
            assertThat(answers.get(1)).contains("\"shape\":[1,1],\"data\":[2.0]", "\"shape\":[1,1],\"data\":[1.0]");
            assertThat(answers.get(2)).contains("\"shape\":[1,2],\"data\":[2.0,4.0]", "\"shape\":[1,1],\"data\":[2.0]");
            assertThat(agent.get("/v2/models/m/stats").body())
                    .contains("\"inference_count\":3,\"execution_count\":1", "\"batch_size\":3");
            assertThat(send(agent, 2).getFirst()).as("one alone").contains("[2.0,4.0]");
            assertThat(agent.get("/v2/models/m").body()).doesNotContain("COUNT");
        }
    }

    @Test
    void accumulatesCounts() throws Exception {
        try (var agent = RunningAgent.serving(
                doubling("BATCH_ACCUMULATED_ELEMENT_COUNT"), Map.of("TRITONSERVER_DELAY_SCHEDULER", "3"))) {
            var answers = send(agent, 3, 1, 2);
            assertThat(answers.get(0)).contains("\"shape\":[1,1],\"data\":[3.0]");
            assertThat(answers.get(1)).contains("\"shape\":[1,1],\"data\":[4.0]");
            assertThat(answers.get(2)).contains("\"shape\":[1,1],\"data\":[6.0]");
        }
    }

    private String refusal(String more, String batch) throws Exception {
        repository.identity("m", """
                backend: "identity"
                %s
                input { name: "X" data_type: TYPE_FP32 dims: -1 %s }
                output { name: "Y" data_type: TYPE_FP32 dims: -1 }
                """.formatted(more, batch));
        try (var agent = RunningAgent.serving(repository, "--exit-on-error=false")) {
            return agent.post("/v2/repository/index", "").body();
        }
    }

    @Test
    void refusesWhatCannotBeHonoured() throws Exception {
        assertThat(refusal("max_batch_size: 0", "allow_ragged_batch: true"))
                .contains("m/config.pbtxt:3:49: input[0].allow_ragged_batch needs a max_batch_size of 1 or more");
        assertThat(refusal(
                        "max_batch_size: 2 batch_input { kind: BATCH_ELEMENT_COUNT target_name: \"N\" data_type: TYPE_INT64 source_input: \"Z\" }",
                        ""))
                .contains(
                        "batch_input[0].data_type is TYPE_INT64; TYPE_INT32 and TYPE_FP32 are allowed",
                        "batch_input[0].source_input 'Z' is not one of the inputs");
        assertThat(refusal("max_batch_size: 2 batch_output { target_name: \"Z\" source_input: \"X\" }", ""))
                .contains("batch_output[0].target_name 'Z' is not one of the outputs");
        assertThat(refusal("max_batch_size: 2 sequence_batching {}", "allow_ragged_batch: true"))
                .contains("does not go with sequence_batching");
    }
}
