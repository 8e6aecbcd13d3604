package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Repositories with models of the same name. */
class NamespaceTest {
    private static final String NAMESPACING = "--model-namespacing=true";

    private static final String ASK =
            "{\"inputs\":[{\"name\":\"IN\",\"shape\":[1,4],\"datatype\":\"INT32\",\"data\":[1,2,3,4]}]}";
    private static final String DOUBLED = "\"data\":[2,4,6,8]";
    private static final String SAME = "\"data\":[0,0,0,0]";

    @TempDir
    private Path folder;

    private ModelRepository one;
    private ModelRepository other;

    @BeforeEach
    void write() throws Exception {
        one = new ModelRepository(Files.createDirectory(folder.resolve("one")));
        other = new ModelRepository(Files.createDirectory(folder.resolve("other")));
    }

    /** The member, whose one output is the sum or the difference of what it is given. */
    private static void member(ModelRepository repository, String output) {
        repository.onnx("m", 1, "add_sub").config("m", """
                backend: "onnxruntime"
                max_batch_size: 4
                input { name: "A" data_type: TYPE_INT32 dims: 4 }
                input { name: "B" data_type: TYPE_INT32 dims: 4 }
                output { name: "%s" data_type: TYPE_INT32 dims: 4 }
                """.formatted(output));
    }

    /** An ensemble that gives the member its input twice. */
    private static void pass(ModelRepository repository, String name, String namespace, String output) {
        repository.identity(name, """
                platform: "ensemble"
                max_batch_size: 4
                input { name: "IN" data_type: TYPE_INT32 dims: 4 }
                output { name: "OUT" data_type: TYPE_INT32 dims: 4 }
                ensemble_scheduling {
                  step {
                    model_name: "m" model_version: -1 %s
                    input_map { key: "A" value: "IN" }
                    input_map { key: "B" value: "IN" }
                    output_map { key: "%s" value: "OUT" }
                  }
                }
                """.formatted(namespace, output));
    }

    private RunningAgent serving(String... more) throws InterruptedException {
        var flags = new ArrayList<>(
                List.of(NAMESPACING, "--model-repository", other.folder().toString()));
        flags.addAll(List.of(more));
        return RunningAgent.serving(one, flags.toArray(String[]::new));
    }

    private static String named(ModelRepository repository) {
        return "model_namespace: \"" + repository.folder() + "\"";
    }

    @Test
    void aUniqueNameIsEnoughAndASharedOneIsRefused() throws Exception {
        one.onnx("m", 1, "identity").onnx("only", 1, "identity");
        other.onnx("m", 2, "identity");
        try (var agent = serving()) {
            assertThat(agent.get("/v2/models/only/ready").statusCode()).isEqualTo(200);
            var refused = agent.get("/v2/models/m");
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body())
                    .contains("There are 2 identifiers of model 'm' in global map, model namespace must be provided to"
                            + " resolve ambiguity. They are in " + one.folder() + " and " + other.folder());
            assertThat(agent.post("/v2/models/m/infer", ASK).statusCode()).isEqualTo(400);
            assertThat(agent.get("/v2/health/ready").statusCode()).isEqualTo(200);
            assertThat(agent.post("/v2/repository/index", "").body())
                    .isEqualTo("[{\"name\":\"m\",\"version\":\"1\",\"state\":\"READY\"},"
                            + "{\"name\":\"m\",\"version\":\"2\",\"state\":\"READY\"},"
                            + "{\"name\":\"only\",\"version\":\"1\",\"state\":\"READY\"}]");
            assertThat(agent.metrics())
                    .contains(
                            "nv_inference_request_success{model=\"m\",version=\"1\",namespace=\"" + one.folder()
                                    + "\"} 0",
                            "nv_inference_request_success{model=\"m\",version=\"2\",namespace=\"" + other.folder()
                                    + "\"} 0");
        }
    }

    @Test
    void ensemblesCallTheModelOfTheirOwnRepositoryOrTheOneTheyName() throws Exception {
        member(one, "SUM");
        member(other, "DIFFERENCE");
        pass(one, "sums", "", "SUM");
        pass(other, "differs", "", "DIFFERENCE");
        pass(one, "crosses", named(other), "DIFFERENCE");
        try (var agent = serving()) {
            assertThat(agent.post("/v2/models/sums/infer", ASK).body()).contains(DOUBLED);
            assertThat(agent.post("/v2/models/differs/infer", ASK).body()).contains(SAME);
            assertThat(agent.post("/v2/models/crosses/infer", ASK).body()).contains(SAME);
            assertThat(agent.get("/v2/models/sums/config").body())
                    .contains("\"model_namespace\":\"" + one.folder() + "\"");
        }
    }

    @Test
    void anEnsembleFollowsItsModelFromRepositoryToRepository() throws Exception {
        member(other, "SUM");
        pass(one, "pass", "", "SUM");
        try (var agent = serving("--model-control-mode=poll", "--repository-poll-secs=1")) {
            assertThat(agent.get("/v2/models/pass/config").body())
                    .contains(other.folder().toString());
            assertThat(agent.post("/v2/models/pass/infer", ASK).body()).contains(DOUBLED);

            member(one, "SUM");
            await().until(() -> agent.get("/v2/models/pass/config")
                    .body()
                    .contains(one.folder().toString()));
            assertThat(agent.post("/v2/models/pass/infer", ASK).body()).contains(DOUBLED);

            one.remove("m");
            await().until(() -> agent.get("/v2/models/pass/config")
                    .body()
                    .contains(other.folder().toString()));
            assertThat(agent.post("/v2/models/pass/infer", ASK).body()).contains(DOUBLED);
            assertThat(agent.get("/v2/models/m").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aNameIsLoadedAndUnloadedInEveryNamespace() throws Exception {
        one.onnx("m", 1, "identity");
        other.onnx("m", 2, "identity");
        try (var agent = serving("--model-control-mode=explicit")) {
            assertThat(agent.post("/v2/repository/index", "").body()).isEqualTo("[{\"name\":\"m\"},{\"name\":\"m\"}]");
            assertThat(agent.post("/v2/repository/models/m/load", "").statusCode())
                    .isEqualTo(200);
            assertThat(agent.post("/v2/repository/index", "{\"ready\":true}").body())
                    .isEqualTo("[{\"name\":\"m\",\"version\":\"1\",\"state\":\"READY\"},"
                            + "{\"name\":\"m\",\"version\":\"2\",\"state\":\"READY\"}]");
            assertThat(agent.post("/v2/repository/models/m/unload", "").statusCode())
                    .isEqualTo(200);
            assertThat(agent.post("/v2/repository/index", "{\"ready\":true}").body())
                    .isEqualTo("[]");
            assertThat(agent.post("/v2/repository/models/nope/unload", "").statusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void saysWhichNamespaceAStepMeansWhereItCannotTell() throws Exception {
        member(one, "SUM");
        member(other, "SUM");
        var third = new ModelRepository(Files.createDirectory(folder.resolve("third")));
        pass(third, "torn", "", "SUM");
        pass(third, "lost", "model_namespace: \"/nowhere\"", "SUM");
        try (var agent = serving("--model-repository", third.folder().toString(), "--exit-on-error=false")) {
            assertThat(agent.post("/v2/repository/index", "").body())
                    .contains(
                            "ensemble '" + third.folder() + "::torn' depends on 'm', which is in " + one.folder()
                                    + " and " + other.folder() + ": say which in the step's model_namespace",
                            "config.pbtxt:7:39: ensemble_scheduling.step[0].model_namespace is '/nowhere'; the folder of a"
                                    + " repository of this server is allowed: [" + one.folder() + ", ");
        }
    }

    @Test
    void withoutNamespacingANameIsUnique() throws Exception {
        member(one, "SUM");
        pass(one, "named", named(one), "SUM");
        other.onnx("m", 1, "identity");
        assertThatThrownBy(() -> Agent.start(
                        RunningAgent.options(
                                one, "--model-repository", other.folder().toString()),
                        Agent.backends()))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("model 'm' is in more than one repository")
                .hasMessageContaining("or start the server with --model-namespacing=true")
                .hasMessageContaining(
                        "step[0].model_namespace is given, and this server does not keep models of one name");
    }
}
