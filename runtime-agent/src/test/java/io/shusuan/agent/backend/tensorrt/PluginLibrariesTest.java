package io.shusuan.agent.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.RunningAgent;
import io.shusuan.agent.backend.gpu.Gpus;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Code that a plan needs: which is loaded, and which never is. */
class PluginLibrariesTest {
    private static final String PLAN = AddPlan.TEXT.replace("add\n", "add\nplugin Sum\n");

    @TempDir
    private Path folder;

    private final HostEngine engine = new HostEngine();
    private Path allowed = Path.of("");
    private Path elsewhere = Path.of("");

    @BeforeEach
    void libraries() throws IOException {
        allowed = Files.createDirectories(folder.resolve("plugins"));
        elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        Files.writeString(allowed.resolve("libsum.so"), "plugin Sum\n");
        Files.writeString(allowed.resolve("libnoise.so"), "no library");
        Files.writeString(elsewhere.resolve("libevil.so"), "plugin Sum\n");
        Files.createSymbolicLink(allowed.resolve("liblink.so"), elsewhere.resolve("libevil.so"));
    }

    @AfterEach
    void nothingIsLeft() {
        engine.assertNothingLeft();
    }

    private TensorRtBackend backend(List<Path> always, List<Path> folders) {
        return new TensorRtBackend(() -> engine, new Gpus(), new PluginLibraries(always, folders), null);
    }

    private RunningAgent serving(TensorRtBackend backend, String... models) throws InterruptedException {
        var repository = new ModelRepository(folder.resolve("models"));
        for (int i = 0; i < models.length; i++) {
            var parameters = models[i].isEmpty()
                    ? ""
                    : "parameters { key: \"plugins\" value { string_value: \"" + models[i] + "\" } }";
            repository.config("m" + i, "backend: \"tensorrt\" " + parameters).file("m" + i + "/1/model.plan", PLAN);
        }
        return RunningAgent.serving(repository, backend, "--exit-on-error=false");
    }

    private static HttpResponse<String> add(RunningAgent agent, int model) throws Exception {
        return agent.post("/v2/models/m" + model + "/infer", AddPlan.body(1, 1, 1));
    }

    @Test
    void loadsOnceWhatModelsNameAndSaysSo() throws Exception {
        var backend = backend(List.of(), List.of(elsewhere, allowed));
        assertThat(backend.version()).doesNotContain("plugins");
        try (var agent = serving(backend, "libsum.so", " libsum.so; ")) {
            assertThat(add(agent, 0).body()).endsWith(AddPlan.sums(1, 2));
            assertThat(add(agent, 1).body()).endsWith(AddPlan.sums(1, 2));
            assertThat(backend.version()).endsWith("), plugins of libsum.so");
        }
    }

    @Test
    void loadsWhatTheOperatorNamesForAllModels() throws Exception {
        try (var agent = serving(backend(List.of(elsewhere.resolve("libevil.so")), List.of()), "")) {
            assertThat(add(agent, 0).body()).endsWith(AddPlan.sums(1, 2));
        }
    }

    @Test
    void saysWhichPluginAPlanLacks() throws Exception {
        try (var agent = serving(backend(List.of(), List.of()), "")) {
            assertThat(agent.post("/v2/repository/index", "{}").body())
                    .contains(
                            "TensorRT cannot load model.plan of 'm0' version 1: PLAN_PLUGIN_MISSING: ",
                            "Cannot find plugin: Sum");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            libgone.so            | PLUGIN_MISSING: 'libgone.so', a plugin library of 'm0', is in none of the folders
            libnoise.so           | PLUGIN_UNLOADABLE: {}/plugins/libnoise.so: dlopen failed: {}/plugins/libnoise.so: invalid ELF header
            liblink.so            | PLUGIN_NOT_ALLOWED: 'liblink.so', a plugin library of 'm0', is not loaded: it is a link to
            ../elsewhere/libevil.so | PLUGIN_NOT_ALLOWED: '../elsewhere/libevil.so', a plugin library of 'm0', is not loaded: name the file alone
            libsum.so;libgone.so  | PLUGIN_MISSING: 'libgone.so'
            """)
    void refusesTheModelByName(String plugins, String why) throws Exception {
        try (var agent = serving(backend(List.of(), List.of(allowed)), plugins)) {
            assertThat(agent.post("/v2/repository/index", "{}").body()).contains(why.replace("{}", folder.toString()));
            assertThat(add(agent, 0).statusCode()).isNotEqualTo(200);
        }
    }

    @Test
    void letsNoModelNameCodeUnlessTheOperatorSaysWhere() throws Exception {
        try (var agent = serving(backend(List.of(), List.of()), "libsum.so")) {
            assertThat(agent.post("/v2/repository/index", "{}").body())
                    .contains("PLUGIN_NOT_ALLOWED: 'libsum.so'", "--tensorrt-plugin-folder");
        }
    }

    @Test
    void namesAllThatTheOperatorAskedForInVain() {
        var backend = backend(List.of(allowed.resolve("libnoise.so"), folder.resolve("gone.so")), List.of());

        assertThat(backend.unavailable())
                .hasValueSatisfying(why -> assertThat(why)
                        .contains("PLUGIN_UNLOADABLE: " + allowed.resolve("libnoise.so"))
                        .contains(
                                "PLUGIN_MISSING: " + folder.resolve("gone.so") + " of --tensorrt-plugin is not there"));
    }
}
