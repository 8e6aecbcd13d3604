package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shusuan.agent.conversion.Conversion;
import io.shusuan.agent.conversion.ConversionOrder;
import io.shusuan.agent.conversion.Conversions;
import io.shusuan.agent.engine.NpzFile;
import io.shusuan.agent.engine.command.EngineProcess;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(300)
class ConversionTest {
    private static final String CONVERSIONS = "/v2/engines/conversions";
    private static final Pattern END = Pattern.compile("\"state\":\"(ACCEPTED|REJECTED|FAILED|CANCELLED)\"");
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

    @TempDir
    private Path folder;

    private ModelRepository repository = new ModelRepository(Path.of(""));

    @BeforeEach
    void writeModelAndSamples() throws IOException {
        repository = new ModelRepository(folder).onnx("mlp", 1, "mlp");
        NpzFile.random(folder.resolve("mlp/samples.npz"), "image", 32, 64);
    }

    private static String order(String model, int version, int output, String options) {
        return "{\"model\":\"%s\",\"version\":%d,\"output_version\":%d,\"options\":{%s}}"
                .formatted(model, version, output, options);
    }

    private static String ended(RunningAgent agent, String order) throws Exception {
        var accepted = agent.post(CONVERSIONS, order);
        assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        assertThat(accepted.body()).contains("\"state\":\"QUEUED\"");
        var place = accepted.headers().firstValue("location").orElseThrow();
        while (true) {
            var now = agent.get(place);
            assertThat(now.statusCode()).isEqualTo(200);
            if (END.matcher(now.body()).find()) {
                return now.body();
            }
            Thread.sleep(BETWEEN_LOOKS);
        }
    }

    @Test
    void makesAVersionThatIsServedOnceItIsLoadedAndKeepsWhatAGateRejectsOut() throws Exception {
        try (var agent = RunningAgent.serving(
                repository, "--allow-conversions=true", "--model-control-mode=explicit", "--load-model=mlp")) {
            assertThat(ended(agent, order("mlp", 1, 2, "\"to\":\"int8\",\"min-speedup\":0,\"keep\":[\"Softmax\"]")))
                    .contains("\"state\":\"ACCEPTED\"", "\"report\":{\"state\":\"ACCEPTED\"", "\"precision\":\"int8\"");
            assertThat(ended(agent, order("mlp", 1, 3, "\"to\":\"int8\",\"min-speedup\":0,\"max-error\":0")))
                    .contains("\"state\":\"REJECTED\"", "accuracy: output 'probabilities' differs");

            agent.post("/v2/repository/models/mlp/load", "");
            assertThat(agent.get("/v2/models/mlp").body()).contains("\"versions\":[\"2\"]");
            assertThat(agent.get(CONVERSIONS).body()).contains("\"output_version\":2", "\"output_version\":3");
        }
    }

    @Test
    void tellsTheCodeOfWhatFailed() throws Exception {
        repository.file("mlp/4/model.onnx", "no protobuf");
        try (var agent =
                RunningAgent.serving(repository, "--allow-conversions=true", "--model-control-mode=explicit")) {
            assertThat(ended(agent, order("mlp", 4, 5, "\"to\":\"fp16\"")))
                    .contains("\"state\":\"FAILED\"", "\"code\":\"NOT_ONNX\"", "is not a whole ONNX model");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "none|1|2|\"to\":\"int8\"|404|no repository of this server has a model 'none'",
                "..|1|2|\"to\":\"int8\"|404|no repository of this server has a model '..'",
                "mlp|7|2|\"to\":\"int8\"|404|version 7 of 'mlp' has no model.onnx",
                "mlp|1|1|\"to\":\"int8\"|400|'mlp' has a version 1 already: name an output_version that it has not",
                "mlp|0|2|\"to\":\"int8\"|400|version and output_version are positive numbers",
                "bare|1|2|\"to\":\"int8\"|400|'bare' has no samples.npz to calibrate and compare with",
                "mlp|1|2|\"to\":\"int9\"|400|options: to is one of [fp16, bf16, int8, fp8], not 'int9'",
                "mlp|1|2||400|options: to is missing",
                "mlp|1|2|\"to\":\"int8\",\"output\":\"/etc\"|400|options has no 'output'",
                "mlp|1|2|\"to\":\"int8\",\"batch\":0|400|options: batch takes a number from 1.0 to 4096.0, not '0'"
            })
    void refusesWhatCannotBeDone(String model, int version, int output, String options, int status, String why)
            throws Exception {
        repository.onnx("bare", 1, "mlp");
        try (var agent = RunningAgent.serving(repository, "--allow-conversions=true")) {
            var refused = agent.post(CONVERSIONS, order(model, version, output, options == null ? "" : options));
            assertThat(refused.statusCode()).isEqualTo(status);
            assertThat(refused.body()).contains(why);
        }
    }

    @Test
    void convertsNothingUnlessItIsAllowedAndRestrictsItWithTheRepository() throws Exception {
        try (var agent = RunningAgent.serving(repository)) {
            var refused = agent.post(CONVERSIONS, order("mlp", 1, 2, "\"to\":\"int8\""));
            assertThat(refused.statusCode()).isEqualTo(501);
            assertThat(refused.body()).contains("start it with --allow-conversions=true");
        }
        try (var agent = RunningAgent.serving(
                repository, "--allow-conversions=true", "--http-restricted-api=model-repository:key=secret")) {
            assertThat(agent.get(CONVERSIONS).statusCode()).isEqualTo(403);
        }
    }

    /** The command is one that waits until it is ended. */
    @Test
    void letsABoundedNumberWaitAndEndsWhatIsCancelled() {
        var endless = new EngineProcess(List.of("/bin/sh", "-c", "cat >/dev/null"));
        try (var conversions = new Conversions(Optional.of(endless), folder::resolve, Clock.systemUTC())) {
            var submitted = new ArrayList<Conversion>();
            assertThatThrownBy(() -> {
                        while (submitted.size() < 18) {
                            submitted.add(conversions.submit(
                                    new ConversionOrder("mlp", 1, 2 + submitted.size(), Map.of("to", "int8"))));
                        }
                    })
                    .isInstanceOfSatisfying(
                            ServingException.class,
                            full -> assertThat(full.reason()).isEqualTo(Reason.UNAVAILABLE))
                    .hasMessageContaining("16 conversions wait already");
            assertThatThrownBy(() -> conversions.submit(new ConversionOrder("mlp", 1, 2, Map.of("to", "fp16"))))
                    .isInstanceOf(ServingException.class);

            submitted.forEach(one -> conversions.cancel(one.id()));
            assertThat(conversions.all()).extracting(Conversion::state).containsOnly(Conversion.State.CANCELLED);
        }
    }

    @Test
    void cancelsOverHttp() throws Exception {
        try (var agent = RunningAgent.serving(repository, "--allow-conversions=true")) {
            var submitted = agent.post(CONVERSIONS, order("mlp", 1, 2, "\"to\":\"int8\",\"min-speedup\":0"));
            var place = submitted.headers().firstValue("location").orElseThrow();
            assertThat(agent.delete(place).body()).contains("CANCELLED");
            assertThat(agent.delete(CONVERSIONS + "/none").statusCode()).isEqualTo(404);
        }
    }
}
