package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done while a start-up cache is written reaches the model, by both protocols. */
class RehearsalTest {

    private static final String CONFIG = """
            backend: "identity"
            max_batch_size: 8
            input [ { name: "x" data_type: TYPE_FP32 dims: [ -1 ] } ]
            output [ { name: "y" data_type: TYPE_FP32 dims: [ -1 ] } ]
            """;

    @TempDir
    Path folder;

    @Test
    void goesThrough() throws Exception {
        Rehearsal.run();
    }

    @Test
    void aCallOverGrpcIsAnsweredByTheModelAndARefusalIsSeen() throws Exception {
        var repository = new ModelRepository(folder.resolve("models")).identity("m", CONFIG);
        try (var agent = RunningAgent.serving(repository);
                var grpc = new RehearsedGrpc(agent.agent().grpcAddress().orElseThrow())) {
            assertThat(agent.agent().grpcAddress().orElseThrow().getAddress().isLoopbackAddress())
                    .isTrue();
            for (int i = 0; i < 3; i++) {
                grpc.infer(Rehearsal.inferRequest("m", "x"));
            }
            assertThat(agent.get("/v2/models/m/stats").body()).contains("\"inference_count\":3");
            assertThatThrownBy(() -> grpc.infer(Rehearsal.inferRequest("other", "x")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("refused");
        }
    }
}
