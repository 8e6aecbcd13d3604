package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepositoryTest {
    private static final String ONES =
            "{\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[1,16],\"datatype\":\"FP32\",\"data\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}]}";

    @TempDir
    private Path folder;

    private ModelRepository repository;

    @BeforeEach
    void write() {
        repository = new ModelRepository(folder);
    }

    @Test
    void loadsAndUnloadsOnRequest() throws Exception {
        repository.onnx("a", 1, "identity").onnx("b", 1, "identity");
        try (var agent = RunningAgent.serving(repository, "--model-control-mode=explicit", "--load-model=a")) {
            assertThat(agent.post("/v2/repository/index", "").body())
                    .isEqualTo("[{\"name\":\"a\",\"version\":\"1\",\"state\":\"READY\"},{\"name\":\"b\"}]");
            assertThat(agent.post("/v2/repository/models/b/load", "").statusCode())
                    .isEqualTo(200);
            assertThat(agent.post("/v2/models/b/infer", ONES).statusCode()).isEqualTo(200);
            assertThat(agent.post("/v2/repository/models/a/unload", "").statusCode())
                    .isEqualTo(200);
            assertThat(agent.post("/v2/repository/index", "").body())
                    .isEqualTo("[{\"name\":\"a\",\"version\":\"1\",\"state\":\"UNAVAILABLE\",\"reason\":\"unloaded\"},"
                            + "{\"name\":\"b\",\"version\":\"1\",\"state\":\"READY\"}]");
            assertThat(agent.post("/v2/repository/index", "{\"ready\":true}").body())
                    .isEqualTo("[{\"name\":\"b\",\"version\":\"1\",\"state\":\"READY\"}]");
            var gone = agent.post("/v2/models/a/infer", ONES);
            assertThat(gone.statusCode()).isEqualTo(503);
            assertThat(gone.body()).contains("'a' has no available versions");
            assertThat(agent.get("/v2/health/ready").statusCode()).isEqualTo(200);
            assertThat(agent.post("/v2/repository/models/nope/load", "").statusCode())
                    .isEqualTo(404);
            assertThat(agent.post("/v2/repository/models/..%2Fa/load", "").statusCode())
                    .isEqualTo(404);
            assertThat(agent.post("/v2/repository/models/b/load", "{\"parameters\":{\"nope\":1}}")
                            .body())
                    .contains("the parameter 'nope' is unknown");
            assertThat(agent.post("/v2/repository/models/b/unload", "{\"parameters\":{\"unload_dependents\":true}}")
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void loadsWithAConfigurationAndFilesThatTheCallerSends() throws Exception {
        repository.onnx("a", 1, "identity");
        var model = Files.readAllBytes(folder.resolve("a/1/model.onnx"));
        try (var agent = RunningAgent.serving(repository, "--model-control-mode=explicit", "--load-model=a")) {
            var config = agent.get("/v2/models/a/config").body();
            load(agent, "a", "\"config\":" + quoted(config.replace("\"max_batch_size\":4", "\"max_batch_size\":2")));
            assertThat(agent.get("/v2/models/a/config").body())
                    .isEqualTo(config.replace("\"max_batch_size\":4", "\"max_batch_size\":2"));

            var file = "\"file:7/model.onnx\":\"" + Base64.getEncoder().encodeToString(model) + "\"";
            load(agent, "sent", "\"config\":\"{\\\"backend\\\":\\\"onnxruntime\\\"}\"," + file);
            assertThat(agent.post("/v2/models/sent/infer", ONES).body()).contains("\"model_version\":\"7\"");

            refuses(agent, "a", file, "send the parameter 'config' with them");
            refuses(agent, "a", "\"config\":\"{\\\"max_bach_size\\\":1}\"", "the field 'max_bach_size'");
            refuses(
                    agent,
                    "a",
                    "\"config\":\"{\\\"input\\\":[{\\\"dims\\\":7}]}\"",
                    "'input.dims' of the configuration");
            refuses(agent, "a", "\"config\":\"{\"", "is not JSON");
            refuses(agent, "a", "\"config\":\"{}\",\"file:../../x\":\"AAAA\"", "leaves the folder of 'a'");
            assertThat(agent.post("/v2/models/a/infer", ONES).statusCode()).isEqualTo(200);
        }
    }

    private static void load(RunningAgent agent, String model, String parameters) throws Exception {
        var answer = agent.post("/v2/repository/models/" + model + "/load", "{\"parameters\":{" + parameters + "}}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static void refuses(RunningAgent agent, String model, String parameters, String why) throws Exception {
        var answer = agent.post("/v2/repository/models/" + model + "/load", "{\"parameters\":{" + parameters + "}}");
        assertThat(answer.body()).contains(why);
        assertThat(answer.statusCode()).isEqualTo(400);
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    @Test
    void servesTheVersionsThePolicyChooses() throws Exception {
        repository
                .onnx("m", 1, "identity")
                .onnx("m", 3, "identity")
                .onnx("m", 10, "identity")
                .file("m/notes/x", "");
        try (var agent = RunningAgent.serving(repository)) {
            assertThat(agent.get("/v2/models/m").body()).contains("\"versions\":[\"10\"]");
        }
        repository.config("m", "version_policy { all {} }");
        try (var agent = RunningAgent.serving(repository)) {
            assertThat(agent.get("/v2/models/m").body()).contains("\"versions\":[\"1\",\"3\",\"10\"]");
            assertThat(agent.post("/v2/models/m/infer", ONES).body()).contains("\"model_version\":\"10\"");
            assertThat(agent.post("/v2/models/m/versions/3/infer", ONES).body()).contains("\"model_version\":\"3\"");
        }
        repository.config("m", "version_policy { specific { versions: [3, 7] } }");
        try (var agent = RunningAgent.serving(repository)) {
            assertThat(agent.get("/v2/models/m").body()).contains("\"versions\":[\"3\"]");
        }
    }

    @Test
    void namesWhatIsWrongWithAModelAndServesTheOthers() throws Exception {
        repository
                .onnx("good", 1, "identity")
                .file("corrupt/1/model.onnx", "this is no model")
                .onnx("float8", 1, "float8")
                .onnx("sequence", 1, "sequence")
                .onnx("typo", 1, "identity")
                .config("typo", "max_batch_size: 4\nmax_bach_size: 4\n")
                .onnx("cuda", 1, "identity")
                .config("cuda", "optimization { cuda { graphs: true } }")
                .file("empty/readme", "");
        assertThatThrownBy(() -> Agent.start(RunningAgent.options(repository), Agent.backends()))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("cannot load corrupt")
                .hasMessageContaining("--exit-on-error=false");
        try (var agent = RunningAgent.serving(repository, "--exit-on-error=false")) {
            var index = agent.post("/v2/repository/index", "").body();
            assertThat(index)
                    .contains("{\"name\":\"good\",\"version\":\"1\",\"state\":\"READY\"}")
                    .contains("ONNX Runtime cannot load model.onnx of 'corrupt'")
                    .contains("config.pbtxt:2:1: ")
                    .contains("max_bach_size")
                    .contains("config.pbtxt:1:16: optimization.cuda is not supported by this server: ")
                    .contains("input 'X' has the type FLOAT8E4M3FN, which the protocol cannot carry")
                    .contains("output 'TWICE' is not a tensor but a sequence; convert the model")
                    .contains("names no backend and no version holds a model.onnx");
            assertThat(agent.post("/v2/models/good/infer", ONES).statusCode()).isEqualTo(200);
            assertThat(agent.get("/v2/health/ready").statusCode()).isEqualTo(400);
            assertThat(agent.get("/v2/health/live").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aModelIsReplacedUnderLoadWithoutOneFailedRequest() throws Exception {
        repository.onnx("m", 1, "identity");
        try (var agent = RunningAgent.serving(repository, "--model-control-mode=explicit", "--load-model=m")) {
            var running = new AtomicBoolean(true);
            var served = new AtomicInteger();
            var failed = new AtomicInteger();
            var callers = IntStream.range(0, 4)
                    .mapToObj(_ -> Thread.ofVirtual().start(() -> {
                        while (running.get()) {
                            try {
                                (agent.post("/v2/models/m/infer", ONES).statusCode() == 200 ? served : failed)
                                        .incrementAndGet();
                            } catch (Exception broken) {
                                failed.incrementAndGet();
                            }
                        }
                    }))
                    .toList();
            for (int i = 2; i < 12; i++) {
                int before = served.get();
                repository.onnx("m", i, "identity");
                assertThat(agent.post("/v2/repository/models/m/load", "").statusCode())
                        .isEqualTo(200);
                await().until(() -> served.get() > before + 5);
            }
            running.set(false);
            for (var caller : callers) {
                caller.join();
            }
            assertThat(failed).hasValue(0);
            assertThat(agent.post("/v2/models/m/infer", ONES).body()).contains("\"model_version\":\"11\"");
        }
    }

    @Test
    void aFailedReloadLeavesWhatServes() throws Exception {
        repository.onnx("m", 1, "identity");
        try (var agent = RunningAgent.serving(repository, "--model-control-mode=explicit", "--load-model=m")) {
            repository.file("m/2/model.onnx", "broken");
            var refused = agent.post("/v2/repository/models/m/load", "");
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body()).contains("failed to load 'm', no version is available");
            assertThat(agent.post("/v2/models/m/infer", ONES).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void followsTheFolderInPollMode() throws Exception {
        repository.onnx("a", 1, "identity");
        try (var agent = RunningAgent.serving(repository, "--model-control-mode=poll", "--repository-poll-secs=1")) {
            repository.onnx("b", 1, "identity");
            await().until(() -> agent.post("/v2/models/b/infer", ONES).statusCode() == 200);
            repository.onnx("a", 2, "identity");
            await().until(() -> agent.post("/v2/models/a/infer", ONES).body().contains("\"model_version\":\"2\""));
            repository.remove("b");
            await().until(() -> agent.get("/v2/models/b").statusCode() == 404);
            repository.remove("");
            await().during(Duration.ofMillis(1500))
                    .until(() -> agent.get("/v2/models/a").statusCode() == 200);
        }
    }

    /** As where repositories are made of links: by Kubernetes, by tools that switch whole trees, by people who save room. */
    @Test
    void followsModelsThatAreLinks() throws Exception {
        var store = new ModelRepository(folder.resolve("store")).onnx("v", 1, "identity");
        var repository = new ModelRepository(Files.createDirectories(folder.resolve("models")));
        Files.createSymbolicLink(
                repository.folder().resolve("m"), store.folder().resolve("v"));
        try (var agent = RunningAgent.serving(repository, "--model-control-mode=poll", "--repository-poll-secs=1")) {
            assertThat(agent.post("/v2/models/m/infer", ONES).body()).contains("\"model_version\":\"1\"");
            store.onnx("v", 2, "identity");
            await().until(() -> agent.post("/v2/models/m/infer", ONES).body().contains("\"model_version\":\"2\""));
        }
    }

    /** What lies deeper than any folder that is watched: nothing but a look can tell, as for all files on NFS. */
    @Test
    void looksByItselfWhereNoEventTells() throws Exception {
        repository.onnx("m", 1, "identity").file("m/1/deep/down/weights", "old");
        try (var agent = RunningAgent.serving(repository, "--model-control-mode=poll", "--repository-poll-secs=1")) {
            assertThat(agent.post("/v2/models/m/infer", ONES).statusCode()).isEqualTo(200);
            assertThat(agent.get("/v2/models/m/stats").body()).contains("\"inference_count\":1,");
            repository.file("m/1/deep/down/weights", "newer");
            await().until(() -> agent.get("/v2/models/m/stats").body().contains("\"inference_count\":0,"));
        }
    }

    /** As when a disk behind a link does not answer. */
    @Test
    void aFolderThatCannotBeLookedAtUnloadsNothing() throws Exception {
        new ModelRepository(folder.resolve("store")).onnx("a", 1, "identity");
        var repository = new ModelRepository(folder.resolve("models")).onnx("b", 1, "identity");
        var link = repository.folder().resolve("a");
        Files.createSymbolicLink(link, folder.resolve("store/a"));
        try (var agent = RunningAgent.serving(repository, "--model-control-mode=poll", "--repository-poll-secs=1")) {
            var loop = Files.createSymbolicLink(folder.resolve("loop"), Path.of("a"));
            Files.move(loop, link, StandardCopyOption.ATOMIC_MOVE);
            repository.remove("b").onnx("c", 1, "identity");
            await().until(() -> agent.get("/v2/models/b").statusCode() == 404
                    && agent.post("/v2/models/c/infer", ONES).statusCode() == 200);
            assertThat(agent.post("/v2/models/a/infer", ONES).statusCode()).isEqualTo(200);
            Files.delete(link);
            await().until(() -> agent.get("/v2/models/a").statusCode() == 404);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "poll"})
    void whatCannotBeLookedAtKeepsNoOtherModelFromBeingServed(String mode) throws Exception {
        repository.onnx("m", 1, "identity").file("m/.2/weights", "half of it");
        Files.createSymbolicLink(folder.resolve("loop"), Path.of("loop"));
        Files.createSymbolicLink(folder.resolve("m/.2/back"), Path.of(".."));
        try (var agent = RunningAgent.serving(repository, "--model-control-mode=" + mode)) {
            assertThat(agent.post("/v2/models/m/infer", ONES).statusCode()).isEqualTo(200);
            assertThat(agent.post("/v2/repository/index", "").body()).doesNotContain("loop");
        }
    }

    @Test
    void refusesWhenTooManyWait() throws Exception {
        repository.onnx("slow", 1, "slow");
        try (var agent = RunningAgent.serving(repository, "--max-queue-requests=1")) {
            var body =
                    "{\"inputs\":[{\"name\":\"X\",\"shape\":[512,512],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":1048576}}]}";
            var codes = new ConcurrentLinkedQueue<Integer>();
            var callers = IntStream.range(0, 16)
                    .mapToObj(_ -> Thread.ofVirtual().start(() -> {
                        try {
                            codes.add(agent.postBinary("/v2/models/slow/infer", body, new byte[1 << 20])
                                    .statusCode());
                        } catch (Exception broken) {
                            codes.add(-1);
                        }
                    }))
                    .toList();
            for (var caller : callers) {
                caller.join();
            }
            assertThat(codes).hasSize(16).containsOnly(200, 503).contains(200, 503);
            assertThat(agent.metrics())
                    .containsPattern(
                            "nv_inference_request_failure\\{model=\"slow\",reason=\"REJECTED\",version=\"1\"} [1-9]");
        }
    }

    @Test
    void finishesWhatRunsBeforeItEnds() throws Exception {
        repository.onnx("slow", 1, "slow");
        var agent = RunningAgent.serving(repository);
        var body =
                "{\"inputs\":[{\"name\":\"X\",\"shape\":[512,512],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":1048576}}]}";
        var codes = new ConcurrentLinkedQueue<Integer>();
        var callers = IntStream.range(0, 6)
                .mapToObj(_ -> Thread.ofVirtual().start(() -> {
                    try {
                        codes.add(agent.postBinary("/v2/models/slow/infer", body, new byte[1 << 20])
                                .statusCode());
                    } catch (Exception broken) {
                        codes.add(-1);
                    }
                }))
                .toList();
        var model = agent.agent().models().find("slow", 1);
        await().until(() -> model.pending() + model.statistics().snapshot().inferences() >= 5);
        agent.agent().close();
        for (var caller : callers) {
            caller.join();
        }
        assertThat(codes).hasSize(6).containsOnly(200);
        agent.close();
    }

    @Test
    void saysWhichPortIsTaken() throws Exception {
        repository.onnx("m", 1, "identity");
        try (var first = RunningAgent.serving(repository)) {
            int port = first.http().getPort();
            assertThatThrownBy(() ->
                            Agent.start(RunningAgent.options(repository, "--http-port=" + port), Agent.backends()))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("cannot serve HTTP on 127.0.0.1:" + port)
                    .hasMessageContaining("--http-port");
            int grpc = first.grpc().getPort();
            assertThatThrownBy(() ->
                            Agent.start(RunningAgent.options(repository, "--grpc-port=" + grpc), Agent.backends()))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("cannot serve gRPC on 127.0.0.1:" + grpc)
                    .hasMessageContaining("--grpc-port");
        }
    }
}
