package io.shusuan.agent.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.RunningAgent;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Shapes that come again run as CUDA graphs where a configuration wants that, and the plain way where they cannot. */
class TensorRtGraphTest {
    private static final String GRAPHS = "optimization { cuda { graphs: true } }";

    @TempDir
    private Path folder;

    private final HostEngine engine = new HostEngine();

    private RunningAgent serving(String plan, String config, String... flags) throws InterruptedException {
        return RunningAgent.serving(
                new ModelRepository(folder)
                        .config("m", "backend: \"tensorrt\" " + config)
                        .file("m/1/model.plan", plan),
                new TensorRtBackend(() -> engine),
                flags);
    }

    private static void add(RunningAgent agent, int rows, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            assertThat(agent.post("/v2/models/m/infer", AddPlan.body(rows, i, 10))
                            .body())
                    .endsWith(AddPlan.sums(rows, 10 + i));
        }
    }

    private List<String> runs() {
        return engine.order().stream()
                .filter(call -> call.equals("enqueue") || call.equals("graph"))
                .toList();
    }

    @AfterEach
    void nothingIsLeft() {
        engine.assertNothingLeft();
    }

    @Test
    void makesAGraphOfShapesThatComeAgain() throws Exception {
        try (var agent = serving(AddPlan.TEXT, "max_batch_size: 8 " + GRAPHS)) {
            add(agent, 2, 5);
            // the first by itself; the second, and once more to be written down
            assertThat(runs()).containsExactly("enqueue", "enqueue", "enqueue", "graph", "graph", "graph");
            assertThat(engine.handles()).containsEntry("graph", 1).containsEntry("context", 2);
            add(agent, 3, 3);
            assertThat(engine.handles()).containsEntry("graph", 2);
        }
    }

    @Test
    void makesNoneUnlessAsked() throws Exception {
        try (var agent = serving(AddPlan.TEXT, "max_batch_size: 8")) {
            add(agent, 2, 5);
            assertThat(runs()).containsOnly("enqueue");
        }
    }

    @Test
    void makesThemOfListedShapesOnly() throws Exception {
        var specs = "optimization { cuda { graphs: true graph_spec { batch_size: 4 }"
                + " graph_spec { batch_size: 2 input { key: \"A\" value { dim: 4 } } } } }";
        try (var agent = serving(AddPlan.TEXT, "max_batch_size: 8 " + specs)) {
            add(agent, 1, 4);
            assertThat(runs()).containsOnly("enqueue");
            add(agent, 2, 4);
            add(agent, 4, 4);
            assertThat(engine.handles()).containsEntry("graph", 2);
        }
    }

    @Test
    void makesThemAnewWhenTheMemoryOfATensorMoved() throws Exception {
        try (var agent = serving(AddPlan.TEXT.replace("2,4/8,4", "2,4/64,4"), "max_batch_size: 64 " + GRAPHS)) {
            add(agent, 1, 4);
            add(agent, 64, 1);
            add(agent, 1, 4);
            add(agent, 64, 4);
            assertThat(engine.handles()).containsEntry("graph", 2);
            assertThat(runs()).endsWith("graph", "graph");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "cudaStreamBeginCapture, 900, cudaErrorStreamCaptureUnsupported",
        "cudaStreamEndCapture, 901, cudaErrorStreamCaptureInvalidated",
        "cudaGraphInstantiate, 801, cudaErrorNotSupported",
        "ICudaEngine::createExecutionContext, 2, cudaErrorMemoryAllocation"
    })
    void goesThePlainWayForGoodWhereItCannotMakeOne(String call, int code, String name) throws Exception {
        try (var agent = serving(AddPlan.TEXT, "max_batch_size: 8 " + GRAPHS)) {
            add(agent, 2, 1);
            engine.fail(call, code, name);

            add(agent, 2, 5);

            assertThat(runs()).containsOnly("enqueue");
            assertThat(engine.handles()).doesNotContainKey("graph").containsEntry("context", 1);
        }
    }

    @Test
    void tellsAFailedLaunchToItsRequestAlone() throws Exception {
        try (var agent = serving(AddPlan.TEXT, "max_batch_size: 8 " + GRAPHS)) {
            add(agent, 2, 3);
            engine.fail("cudaGraphLaunch", 1, "cudaErrorInvalidValue");
            assertThat(agent.post("/v2/models/m/infer", AddPlan.body(2, 1, 1)).body())
                    .contains("cudaGraphLaunch failed: cudaErrorInvalidValue (1)");
            add(agent, 2, 3);
        }
    }

    @Test
    void keepsNoMoreThanABoundedNumber() throws Exception {
        try (var agent = serving(AddPlan.TEXT.replace("2,4/8,4", "2,4/64,4"), "max_batch_size: 64 " + GRAPHS)) {
            for (int rows = 1; rows <= Graphs.MOST + 4; rows++) {
                add(agent, rows, 3);
            }
            // those whose memory had to grow for the larger ones are made again when they come again
            assertThat(engine.handles().get("graph")).isEqualTo(Graphs.MOST);
        }
    }

    @Test
    void makesNoneWhereOnlyTheRunTellsAShape() throws Exception {
        var plan = """
                HOST PLAN 1 sm_90
                nonzero
                input X INT64 -1 1/4/64
                output Y INT64 -1
                end
                """;
        try (var agent =
                serving(plan, "max_batch_size: 0 input { name: \"X\" data_type: TYPE_INT64 dims: -1 } " + GRAPHS)) {
            for (int i = 0; i < 4; i++) {
                assertThat(agent.post(
                                        "/v2/models/m/infer",
                                        "{\"inputs\":[{\"name\":\"X\",\"shape\":[3],\"datatype\":\"INT64\",\"data\":[0,7,9]}]}")
                                .body())
                        .endsWith("\"shape\":[2],\"data\":[1,2]}]}");
            }
            assertThat(engine.handles()).doesNotContainKey("graph");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "graph_spec { batch_size: 2 },lists shapes for graphs",
        "graphs: true graph_spec { batch_size: 2 graph_lower_bound { batch_size: 1 } },graph_spec[0].graph_lower_bound",
        "busy_wait_events: true,busy_wait_events is not supported",
        "output_copy_stream: true,output_copy_stream is not supported"
    })
    void refusesWhatItDoesNotHave(String cuda, String why) throws Exception {
        try (var agent = serving(
                AddPlan.TEXT, "max_batch_size: 8 optimization { cuda { " + cuda + " } }", "--exit-on-error=false")) {
            assertThat(agent.post("/v2/repository/index", "{}").body()).contains(why);
        }
    }
}
