package io.shusuan.agent.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.RunningAgent;
import io.shusuan.agent.backend.gpu.Gpus;
import io.shusuan.agent.backend.onnxruntime.OnnxRuntimeBackend;
import io.shusuan.agent.engine.build.EngineCache;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A model that names TensorRT and has but an ONNX file: the real ONNX Runtime answers until an engine is there, which real processes build
 * with the host engine in TensorRT's place.
 */
class ServeWhileBuildingTest {
    private static final String CONFIG = """
            backend: "tensorrt"
            max_batch_size: 4
            parameters { key: "build_min_speedup" value { string_value: "0" } }
            """;
    private static final String BUILDING = "ONNX Runtime answers: TensorRT's engine is being built";

    @TempDir
    private Path folder;

    private final HostEngine engine = new HostEngine();

    @BeforeEach
    void writeModel() {
        new ModelRepository(models()).config("m", CONFIG);
        SmallModel.add(models().resolve("m/1/model.onnx"));
    }

    @AfterEach
    void nothingIsLeft() {
        engine.assertNothingLeft();
    }

    private Path models() {
        return folder.resolve("models");
    }

    static TensorRtBackend backend(Path folder, HostEngine engine, String... java) {
        return backend(folder, engine, new EngineCache(folder.resolve("cache"), 1L << 30, Clock.systemUTC()), java);
    }

    static TensorRtBackend backend(Path folder, HostEngine engine, EngineCache cache, String... java) {
        return new TensorRtBackend(
                () -> engine,
                new Gpus(),
                PluginLibraries.NONE,
                new ServeWhileBuilding(
                        new OnnxRuntimeBackend(2), cache, HostBuildProcess.talkingThrough(folder, java)));
    }

    private RunningAgent serving(String... java) throws InterruptedException {
        return RunningAgent.serving(
                new ModelRepository(models()),
                backend(folder, engine, java),
                "--model-control-mode=explicit",
                "--load-model=*");
    }

    private void letBuildsGoOn() throws IOException {
        Files.createFile(folder.resolve("go"));
    }

    private long buildsBegun() throws IOException {
        var begun = folder.resolve("begun");
        return Files.exists(begun) ? Files.readAllLines(begun).size() : 0;
    }

    private void awaitBuild(int number) {
        await(() -> buildsBegun() == number);
    }

    private static void await(Callable<Boolean> condition) {
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(condition);
    }

    private void awaitEngine(RunningAgent agent) {
        await(() -> !index(agent).contains("ONNX Runtime answers") && isOnEngine());
    }

    private boolean isOnEngine() {
        return engine.handles().containsKey("context");
    }

    private static String index(RunningAgent agent) throws Exception {
        return agent.post("/v2/repository/index", "{}").body();
    }

    static void assertAnswers(RunningAgent agent) throws Exception {
        var answer = agent.post("/v2/models/m/infer", body());
        assertThat(answer.body()).endsWith("\"shape\":[1,4],\"data\":[5.0,7.0,9.0,11.0]}]}");
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    private static String body() {
        return """
                {"inputs":[{"name":"A","shape":[1,4],"datatype":"FP32","data":[1,2,3,4]},
                {"name":"B","shape":[1,4],"datatype":"FP32","data":[4,5,6,7]}]}""";
    }

    @Test
    void answersByOnnxRuntimeAndSwapsUnderLoadWithoutAFailure() throws Exception {
        try (var agent = serving();
                var threads = Executors.newFixedThreadPool(3)) {
            awaitBuild(1);
            assertAnswers(agent);
            assertThat(isOnEngine()).isFalse();
            assertThat(index(agent)).contains("\"state\":\"READY\",\"reason\":\"" + BUILDING + "\"");
            assertThat(agent.metrics())
                    .contains("shusuan_model_stand_in{model=\"m\",version=\"1\",state=\"building\"} 1");
            var contract = agent.get("/v2/models/m/config").body();
            var swapped = new AtomicBoolean();
            var load = new ArrayList<Future<Integer>>();
            for (int i = 0; i < 3; i++) {
                load.add(threads.submit(() -> answersUntil(agent, swapped)));
            }

            letBuildsGoOn();
            awaitEngine(agent);
            for (int i = 0; i < 20; i++) {
                assertAnswers(agent);
            }
            swapped.set(true);

            for (var each : load) {
                assertThat(each.get()).isPositive();
            }
            assertThat(agent.get("/v2/models/m/config").body()).isEqualTo(contract);
            assertThat(agent.metrics()).doesNotContain("shusuan_model_stand_in{");
        }
    }

    private static int answersUntil(RunningAgent agent, AtomicBoolean end) throws Exception {
        int count = 0;
        while (!end.get()) {
            assertAnswers(agent);
            count++;
        }
        return count;
    }

    /** The profile of an engine that is still to come bounds the batches that callers are told. */
    @Test
    void promisesNoLargerBatchThanTheEngineWillTake() throws Exception {
        var profile =
                "parameters { key: \"build_profile\" value { string_value: \"A=1x4:2x4:2x4,B=1x4:2x4:2x4; A=2x4:3x4:3x4,B=2x4:3x4:3x4\" } }";
        new ModelRepository(models()).config("m", CONFIG + profile);
        try (var agent =
                RunningAgent.serving(new ModelRepository(models()), backend(folder, engine), "--exit-on-error=false")) {
            assertThat(index(agent)).contains("max_batch_size is 4 but 'm' takes at most 3");
        }
        new ModelRepository(models()).config("m", (CONFIG + profile).replace("max_batch_size: 4", ""));
        letBuildsGoOn();
        try (var agent = serving()) {
            assertThat(agent.get("/v2/models/m/config").body()).contains("\"max_batch_size\":3");
            awaitEngine(agent);
            assertThat(agent.get("/v2/models/m/config").body()).contains("\"max_batch_size\":3");
            assertAnswers(agent);
        }
    }

    @Test
    void usesTheEngineAtOnceWhenItWasBuiltBefore() throws Exception {
        letBuildsGoOn();
        try (var agent = serving()) {
            awaitEngine(agent);
        }
        try (var agent = serving()) {
            assertThat(isOnEngine()).isTrue();
            assertAnswers(agent);
        }
        assertThat(buildsBegun()).isOne();
    }

    @Test
    void neverServesAnEngineThatAGateRejects() throws Exception {
        letBuildsGoOn();
        for (int start = 0; start < 2; start++) {
            try (var agent = serving("-Dwrong=true")) {
                await(() -> !index(agent).contains(BUILDING));
                assertThat(index(agent))
                        .contains("ONNX Runtime answers: the engine was rejected: accuracy: output 'SUM' differs by ");
                assertThat(agent.metrics()).contains("state=\"rejected\"} 1");
                assertAnswers(agent);
                assertThat(isOnEngine()).isFalse();
            }
        }
        assertThat(buildsBegun()).as("what was rejected is not built again").isOne();
    }

    @Test
    void servesOnAndSaysWhyNoEngineCouldBeBuilt() throws Exception {
        letBuildsGoOn();
        SmallModel.relu(models().resolve("m/1/model.onnx"));
        try (var agent = serving()) {
            await(() -> !index(agent).contains(BUILDING));

            assertThat(index(agent))
                    .contains(
                            "ONNX Runtime answers: no engine could be built: UNSUPPORTED_NODE: ",
                            "Relu at node 'only'");
            assertThat(agent.metrics()).contains("state=\"failed\"} 1");
            assertThat(agent.post(
                                    "/v2/models/m/infer",
                                    "{\"inputs\":[{\"name\":\"A\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[-1,0,1,2]}]}")
                            .body())
                    .endsWith("\"data\":[0.0,0.0,1.0,2.0]}]}");

            agent.post("/v2/repository/models/m/load", "{}");
            awaitBuild(2);
            await(() -> !index(agent).contains(BUILDING));
        }
    }

    @Test
    void buildsAnewWhatDoesNotFitTheGpu() throws Exception {
        letBuildsGoOn();
        Files.writeString(models().resolve("m/1/model.plan"), "HOST PLAN 1 sm_80\nadd\nend\n");
        try (var agent = serving()) {
            assertAnswers(agent);
            awaitEngine(agent);
            assertAnswers(agent);
        }
    }

    /** The agent and its build are killed in the middle; the next agent builds. */
    @Test
    void beginsAgainAfterTheAgentWasKilled() throws Exception {
        var killed = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HostAgent.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var said = new BufferedReader(new InputStreamReader(killed.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(said.readLine()).matches("\\d+");
            awaitBuild(1);
            var build = killed.children().findFirst().orElseThrow();
            killed.destroyForcibly().waitFor();
            build.onExit().get();
        }
        letBuildsGoOn();
        try (var agent = serving()) {
            awaitEngine(agent);
            assertAnswers(agent);
        }
        assertThat(buildsBegun()).isEqualTo(2);
    }

    @Test
    void takesAPlanWithoutAConfigurationForTensorRt() throws Exception {
        new ModelRepository(models())
                .remove("m")
                .file(
                        "bare/1/model.plan",
                        "HOST PLAN 1 sm_90\nidentity\ninput X FP32 -1,4 1,4/2,4/4,4\noutput Y FP32 -1,4\nend\n");
        try (var agent = serving()) {
            assertThat(agent.get("/v2/models/bare/config").body())
                    .contains("\"backend\":\"tensorrt\"", "\"platform\":\"tensorrt_plan\"");
        }
        assertThat(buildsBegun()).isZero();
    }
}
