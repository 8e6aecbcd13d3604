package io.shusuan.agent.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.RunningAgent;
import io.shusuan.agent.engine.Folders;
import io.shusuan.agent.engine.bucket.RepackedEngine;
import io.shusuan.agent.engine.bucket.S3Store;
import io.shusuan.agent.engine.build.EngineCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Serving agents on machines that share nothing but a bucket; real processes build, with the host engine in TensorRT's place. */
class SharedEnginesTest {
    private static final String URL = "--engine-cache-bucket=s3://engines/a/b";

    @TempDir
    private Path folder;

    private final HostEngine engine = new HostEngine();
    private S3Store store;

    @BeforeEach
    void begin() throws Exception {
        store = new S3Store(folder.resolve("store"));
        new ModelRepository(models()).config("m", """
            backend: "tensorrt"
            max_batch_size: 4
            parameters { key: "build_min_speedup" value { string_value: "0" } }
            """);
        SmallModel.add(models().resolve("m/1/model.onnx"));
        Files.createFile(folder.resolve("go"));
    }

    @AfterEach
    void end() throws IOException {
        store.close();
        engine.assertNothingLeft();
    }

    private Path models() {
        return folder.resolve("models");
    }

    private Path cache() {
        return folder.resolve("cache");
    }

    /** On a machine whose folder of engines is empty. */
    private RunningAgent serving() throws IOException, InterruptedException {
        Folders.delete(cache());
        var engines =
                new EngineCache(cache(), 1L << 30, Clock.systemUTC(), Optional.of(store.bucket(Clock.systemUTC())));
        return RunningAgent.serving(
                new ModelRepository(models()),
                ServeWhileBuildingTest.backend(folder, engine, engines),
                "--model-control-mode=explicit",
                "--load-model=*");
    }

    private void awaitEngine(RunningAgent agent) {
        await().atMost(Duration.ofMinutes(1))
                .until(() -> !agent.post("/v2/repository/index", "{}").body().contains("ONNX Runtime answers")
                        && engine.handles().containsKey("context"));
    }

    /** It answers before it has an engine and with it, and so many were built by then. */
    private void assertServedAndBuilt(int builds) throws Exception {
        try (var agent = serving()) {
            ServeWhileBuildingTest.assertAnswers(agent);
            awaitEngine(agent);
            ServeWhileBuildingTest.assertAnswers(agent);
        }
        assertThat(Files.readAllLines(folder.resolve("begun"))).hasSize(builds);
    }

    private void share() throws Exception {
        try (var agent = serving()) {
            awaitEngine(agent);
        }
        try (var agent = RunningAgent.serving(
                new ModelRepository(Files.createDirectories(folder.resolve("none"))),
                store.environment(),
                "--engine-cache=" + cache(),
                URL)) {
            await().until(() ->
                    agent.metrics().contains("shusuan_engine_bucket_transfers_total{outcome=\"uploaded\"} 1\n"));
            assertThat(agent.metrics())
                    .contains(
                            "shusuan_engine_bucket_waiting 0\n", "shusuan_engine_bucket_problem{reason=\"away\"} 0\n");
        }
        assertThat(store.objects()).hasSize(1);
    }

    @Test
    void aModelIsServedByTheEngineThatAnotherMachineHasBuilt() throws Exception {
        share();

        assertServedAndBuilt(1);
    }

    /** With it away there is no engine yet, and everything else is as without it. */
    @Test
    void withTheBucketAwayItIsServedAndBuilt() throws Exception {
        share();
        store.wire().answer("503 Slow Down", "");

        assertServedAndBuilt(2);
    }

    /** Whole, and the right key's, but no plan that this GPU takes. */
    @Test
    void anEngineThatDoesNotFitIsBuiltAnew() throws Exception {
        share();
        var object = store.objects().getFirst();
        store.put(object, RepackedEngine.withPlan(store.get(object), "HOST PLAN 1 sm_80\nadd\nend\n"));

        assertServedAndBuilt(2);
    }
}
