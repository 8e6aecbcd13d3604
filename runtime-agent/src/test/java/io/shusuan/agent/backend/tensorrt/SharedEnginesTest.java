package io.shusuan.agent.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.RunningAgent;
import io.shusuan.agent.backend.gpu.Gpus;
import io.shusuan.agent.backend.gpu.MemoryBudget;
import io.shusuan.agent.backend.onnxruntime.OnnxRuntimeBackend;
import io.shusuan.agent.engine.Folders;
import io.shusuan.agent.engine.bucket.S3Store;
import io.shusuan.agent.engine.build.EngineCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Serving agents on machines that share nothing but a bucket; real processes build, with the host engine in TensorRT's place. */
class SharedEnginesTest {
    private static final String URL = "--engine-cache-bucket=s3://engines/a/b";
    private static final String BODY = """
            {"inputs":[{"name":"A","shape":[1,4],"datatype":"FP32","data":[1,2,3,4]},
            {"name":"B","shape":[1,4],"datatype":"FP32","data":[4,5,6,7]}]}""";

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
        var backend = new TensorRtBackend(
                () -> engine,
                new Gpus(new MemoryBudget(Map.of())),
                PluginLibraries.NONE,
                new ServeWhileBuilding(new OnnxRuntimeBackend(2), engines, HostBuildProcess.talkingThrough(folder)));
        return RunningAgent.serving(
                new ModelRepository(models()), backend, "--model-control-mode=explicit", "--load-model=*");
    }

    private void awaitEngine(RunningAgent agent) {
        await().atMost(Duration.ofMinutes(1))
                .until(() -> !agent.post("/v2/repository/index", "{}").body().contains("ONNX Runtime answers")
                        && engine.handles().containsKey("context"));
    }

    private static void assertAnswers(RunningAgent agent) throws Exception {
        assertThat(agent.post("/v2/models/m/infer", BODY).body()).endsWith("\"data\":[5.0,7.0,9.0,11.0]}]}");
    }

    private List<String> builds() throws IOException {
        return Files.readAllLines(folder.resolve("begun"));
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

        try (var agent = serving()) {
            assertAnswers(agent);
            awaitEngine(agent);
            assertAnswers(agent);
        }

        assertThat(builds()).hasSize(1);
    }

    /** With it away there is no engine yet, and everything else is as without it. */
    @Test
    void withTheBucketAwayItIsServedAndBuilt() throws Exception {
        share();
        store.wire().answer("503 Slow Down", "");

        try (var agent = serving()) {
            assertAnswers(agent);
            awaitEngine(agent);
            assertAnswers(agent);
        }

        assertThat(builds()).hasSize(2);
    }

    /** Whole, and the right key's, but no plan that this GPU takes. */
    @Test
    void anEngineThatDoesNotFitIsBuiltAnew() throws Exception {
        share();
        var object = store.objects().getFirst();
        store.put(object, RepackedEngine.withPlan(store.get(object), "HOST PLAN 1 sm_80\nadd\nend\n"));

        try (var agent = serving()) {
            assertAnswers(agent);
            awaitEngine(agent);
            assertAnswers(agent);
        }

        assertThat(builds()).hasSize(2);
    }
}
