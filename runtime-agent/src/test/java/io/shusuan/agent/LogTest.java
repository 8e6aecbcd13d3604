package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.log.Log;
import io.shusuan.agent.log.LogSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands in the log, and what never does. */
class LogTest {
    private static final String FORGED = "a\\n2026-01-01T00:00:00.000Z INFO forged";

    @TempDir
    private Path folder;

    private String logOf(String format, String token) throws Exception {
        var file = folder.resolve(format);
        var repository = new ModelRepository(folder.resolve("models")).identity("m", ModelRepository.GOLDEN_CONFIG);
        var flags = new String[] {"--log-file=" + file, "--log-format=" + format, "--log-verbose=1"};
        var root = Logger.getLogger("");
        var before = root.getHandlers();
        var settings = RunningAgent.options(repository, flags).log();
        Log.open(settings);
        try (var agent = RunningAgent.serving(repository, flags)) {
            var body = "{\"id\":\"" + FORGED
                    + "\",\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[1,16],\"datatype\":\"FP32\",\"data\":["
                    + "1,".repeat(15) + "1]}]}";
            assertThat(agent.post("/v2/models/m/infer", body, "Authorization", "Bearer " + token)
                            .statusCode())
                    .isEqualTo(200);
            agent.post("/v2/models/m/infer", body.replace("FP32", "INT32"));
        } finally {
            for (var handler : root.getHandlers()) {
                root.removeHandler(handler);
                handler.close();
            }
            for (var handler : before) {
                root.addHandler(handler);
            }
            Logger.getLogger("io.shusuan").setLevel(null);
        }
        assertThat(settings.format()).isEqualTo(LogSettings.Format.named(format));
        return Files.readString(file);
    }

    @Test
    void aLineOfTextIsOneLineWhateverTheCallerSends() throws Exception {
        var log = logOf("ISO8601", "top-secret");
        assertThat(log)
                .contains(
                        "FINE [request id: a\\u000a2026-01-01T00:00:00.000Z INFO forged] m:1 on m:1#0 answered with 1 response(s) in ")
                .contains("ended as INVALID")
                .doesNotContain("top-secret", "\n2026-01-01T00:00:00.000Z INFO forged");
    }

    @Test
    void aLineOfJsonNamesTheRequest() throws Exception {
        assertThat(logOf("json", "top-secret").lines())
                .allSatisfy(line -> assertThat(line).startsWith("{\"time\":\"").endsWith("\"}"))
                .anySatisfy(line -> assertThat(line)
                        .contains(
                                "\"level\":\"FINE\"",
                                "\"request_id\":\"" + FORGED
                                        + "\",\"message\":\"m:1 on m:1#0 answered with 1 response(s) in "))
                .noneSatisfy(line -> assertThat(line).contains("top-secret"));
    }
}
