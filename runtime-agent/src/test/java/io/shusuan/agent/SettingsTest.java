package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings that change while the server runs. */
class SettingsTest {
    @TempDir
    private Path folder;

    @Test
    void aModelsTraceSettingsStandBeforeThoseOfAll() throws Exception {
        var repository = new ModelRepository(folder).identity("m", ModelRepository.GOLDEN_CONFIG);
        try (var agent = RunningAgent.serving(repository)) {
            agent.post("/v2/models/m/trace/setting", "{\"trace_rate\":\"5\"}");
            agent.post("/v2/trace/setting", "{\"trace_rate\":\"9\",\"trace_count\":\"3\"}");

            assertThat(agent.get("/v2/models/m/trace/setting").body())
                    .contains("\"trace_rate\":\"5\",\"trace_count\":\"3\"");
            assertThat(agent.post("/v2/models/m/trace/setting", "{\"trace_rate\":null}")
                            .body())
                    .contains("\"trace_rate\":\"9\"");
            assertThat(agent.post("/v2/trace/setting", "{\"trace_rate\":null,\"trace_count\":null}")
                            .body())
                    .contains("\"trace_rate\":\"1000\",\"trace_count\":\"-1\"");
            assertThat(agent.get("/v2/models/nope/trace/setting").statusCode()).isEqualTo(404);
            assertThat(agent.post("/v2/trace/setting", "{\"trace_file\":\"x\"}").statusCode())
                    .isEqualTo(501);
            assertThat(agent.post("/v2/trace/setting", "{\"trace_level\":[\"LOUD\"]}")
                            .body())
                    .isEqualTo("{\"error\":\"Unable to parse 'trace_level', got: LOUD\"}");
        }
    }

    @Test
    void logSettingsChange() throws Exception {
        var repository = new ModelRepository(folder).identity("m", ModelRepository.GOLDEN_CONFIG);
        try (var agent = RunningAgent.serving(repository)) {
            assertThat(agent.post(
                                    "/v2/logging",
                                    "{\"log_info\":false,\"log_verbose_level\":2,\"log_format\":\"ISO8601\"}")
                            .body())
                    .contains("\"log_info\":false")
                    .contains("\"log_verbose_level\":2,\"log_format\":\"ISO8601\"");
            assertThat(agent.post("/v2/logging", "{\"log_info\":true,\"log_file\":\"x\"}")
                            .statusCode())
                    .isEqualTo(501);
            assertThat(agent.get("/v2/logging").body()).contains("\"log_info\":false");
            assertThat(agent.post("/v2/logging", "{\"log_info\":1}").statusCode())
                    .isEqualTo(500);
            assertThat(agent.post("/v2/logging", "{\"log_format\":\"x\"}").statusCode())
                    .isEqualTo(400);
        }
    }
}
