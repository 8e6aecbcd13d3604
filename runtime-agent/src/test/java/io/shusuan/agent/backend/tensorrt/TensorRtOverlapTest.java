package io.shusuan.agent.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.RunningAgent;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The next run is put behind the one that the GPU computes, and each gets its own answer. */
class TensorRtOverlapTest {
    private static final List<String> RUN = List.of("copy in", "copy in", "enqueue", "copy out");

    @TempDir
    private Path folder;

    private final HostEngine engine = new HostEngine();

    private RunningAgent serving(String config) throws InterruptedException {
        return RunningAgent.serving(
                new ModelRepository(folder)
                        .config("m", "backend: \"tensorrt\" max_batch_size: 8 " + config)
                        .file("m/1/model.plan", AddPlan.TEXT),
                new TensorRtBackend(() -> engine));
    }

    /** One request that the engine holds back, and others behind it. */
    private List<CompletableFuture<HttpResponse<String>>> oneHeldAndMore(RunningAgent agent, int rows, int more)
            throws Exception {
        var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        answers.add(agent.postLater("/v2/models/m/infer", AddPlan.body(rows, 0, 100)));
        engine.awaitHeld();
        var model = agent.agent().models().find("m", 1);
        for (int i = 1; i <= more; i++) {
            answers.add(agent.postLater("/v2/models/m/infer", AddPlan.body(rows, i, 100)));
            int waiting = i;
            Awaitility.await().until(() -> model.pending() == waiting);
        }
        return answers;
    }

    private static void assertAnswered(List<CompletableFuture<HttpResponse<String>>> answers, int rows)
            throws Exception {
        for (int i = 0; i < answers.size(); i++) {
            assertThat(answers.get(i).get().body()).endsWith(AddPlan.sums(rows, 100 + i));
        }
    }

    private static List<String> runs(Object... parts) {
        var all = new ArrayList<String>();
        for (var part : parts) {
            if (part instanceof List<?> several) {
                several.forEach(each -> all.add(each.toString()));
            } else {
                all.add(part.toString());
            }
        }
        return all;
    }

    @AfterEach
    void nothingIsLeft() {
        engine.assertNothingLeft();
    }

    @Test
    void putsTheNextOnItsWayBeforeItWaitsForTheOneBefore() throws Exception {
        try (var agent = serving("")) {
            var gate = engine.hold();
            var answers = oneHeldAndMore(agent, 2, 2);
            gate.countDown();

            assertAnswered(answers, 2);
            assertThat(engine.order()).isEqualTo(runs(RUN, RUN, "wait", RUN, "wait", "wait"));
        }
    }

    /** While the GPU is busy a batch can still grow, unless it is as large as it will be or the configuration wants it at once. */
    @ParameterizedTest
    @CsvSource({
        "dynamic_batching {}, false",
        "dynamic_batching { preferred_batch_size: 4 }, true",
        "'dynamic_batching { preferred_batch_size: [4, 8] }', false",
        "dynamic_batching {} optimization { eager_batching: true }, true"
    })
    void leavesABatchInTheQueueThatCanStillGrow(String config, boolean ahead) throws Exception {
        try (var agent = serving(config)) {
            var gate = engine.hold();
            var answers = oneHeldAndMore(agent, 2, 2);
            gate.countDown();

            assertAnswered(answers, 2);
            assertThat(engine.order())
                    .isEqualTo(ahead ? runs(RUN, RUN, "wait", "wait") : runs(RUN, "wait", RUN, "wait"));
        }
    }

    @Test
    void failsOnlyTheRunWhoseCallFailed() throws Exception {
        try (var agent = serving("")) {
            var gate = engine.hold();
            var answers = oneHeldAndMore(agent, 1, 2);
            engine.fail("cudaStreamWaitEvent", 1, "cudaErrorInvalidValue");
            gate.countDown();

            assertThat(answers.get(0).get().body()).endsWith(AddPlan.sums(1, 100));
            assertThat(answers.get(1).get().body()).contains("cudaStreamWaitEvent failed: cudaErrorInvalidValue (1)");
            assertThat(answers.get(2).get().body()).endsWith(AddPlan.sums(1, 102));
        }
    }

    @Test
    void losesBothRunsWithTheGpu() throws Exception {
        try (var agent = serving("")) {
            var gate = engine.hold();
            var answers = oneHeldAndMore(agent, 1, 2);
            engine.fail("cudaEventSynchronize", 700, "cudaErrorIllegalAddress");
            gate.countDown();

            assertThat(answers.get(0).get().body()).contains("cudaEventSynchronize failed: cudaErrorIllegalAddress");
            assertThat(answers.get(1).get().statusCode()).isEqualTo(503);
            assertThat(answers.get(2).get().body()).contains("GPU 0 is lost to this agent until it is restarted");
        }
    }

    /** A GPU may copy as late as it is waited for, or as soon as it is told: both must come out right. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void givesEveryRequestItsOwnAnswerUnderLoad(boolean copiesAtOnce) throws Exception {
        if (copiesAtOnce) {
            engine.copyAtOnce();
        }
        try (var agent = serving("instance_group { count: 2 } dynamic_batching { preferred_batch_size: 4 }"
                + " optimization { eager_batching: true cuda { graphs: true } }")) {
            int failed = 0;
            var random = ThreadLocalRandom.current();
            for (int round = 0; round < 12; round++) {
                var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
                for (int i = 0; i < 40; i++) {
                    answers.add(agent.postLater("/v2/models/m/infer", AddPlan.body(1 + i % 3, i, round)));
                }
                var gone = new HashSet<Integer>();
                for (int i = 0; i < 5; i++) {
                    int one = random.nextInt(40);
                    gone.add(one);
                    answers.get(one).cancel(true);
                }
                var call = List.of(
                                "cudaMemcpyAsync",
                                "IExecutionContext::enqueueV3",
                                "cudaEventSynchronize",
                                "cudaEventRecord")
                        .get(round % 4);
                engine.fail(call, 1, "cudaErrorInvalidValue");
                for (int i = 0; i < 40; i++) {
                    if (!gone.contains(i)) {
                        var answer = answers.get(i).get();
                        if (answer.statusCode() == 500) {
                            failed++;
                            assertThat(answer.body()).contains("failed: cudaErrorInvalidValue (1)");
                        } else {
                            assertThat(answer.body()).endsWith(AddPlan.sums(1 + i % 3, i + round));
                        }
                    }
                }
            }
            assertThat(failed).as("requests of runs that failed").isBetween(1, 12 * 8);
            assertThat(engine.order()).contains("graph");
        }
    }
}
