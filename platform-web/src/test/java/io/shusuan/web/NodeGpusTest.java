package io.shusuan.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import io.shusuan.api.security.AgentTokens;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** What people see of GPUs that a node's agent tells of. */
class NodeGpusTest extends PortalCase {

    private static final String LEAKING = """
            {"pid": 4711, "memoryBytes": 64424509440, "command": "python3",
             "growing": {"since": "2026-01-01T10:00:00Z", "fromBytes": 1073741824}}
            """;

    private static final String LOST = """
            {"kind": "LOST", "since": "2026-01-01T00:00:00Z"}
            """;

    @Autowired
    AgentTokens tokens;

    private void report(int utilization) throws Exception {
        var body = """
                {"agentId": "0c0e4b8e-55a3-4f0e-9a59-2f7b3a0d1c11", "hostname": "h", "version": "0.1.0", "startedAt": "2026-01-01T00:00:00Z",
                 "node": {"name": "local", "cores": 8, "cpuUtilization": 0.25, "driver": "580.65.06", "cuda": "13.0", "gpus": [
                   {"index": 0, "uuid": "GPU-a", "name": "NVIDIA H100", "utilization": %d, "memoryBytes": 85899345920,
                    "memoryUsedBytes": 64424509440, "temperature": 61, "powerWatts": 612.4,
                    "numaNodes": "0", "cpus": "0-23,48-71", "paths": [{"gpu": 1, "level": "SYS"}], "processes": [%s]},
                   {"index": 1, "uuid": "GPU-b", "name": "NVIDIA H100", "faults": [%s]}],
                  "engines": [{"model": "resnet", "version": 3, "architecture": "sm_90", "state": "READY"},
                   {"model": "a-rather-long-name-of-a-model-that-somebody-chose", "version": 12, "architecture": "sm_90", "state": "WAITING", "reason": "no GPU is free"}]}}
                """.formatted(utilization, LEAKING, LOST);
        try (var client = HttpClient.newHttpClient()) {
            var answer = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/agents"))
                            .header("Authorization", "Bearer " + tokens.ofNodes())
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString(body))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
        }
    }

    @Test
    void theHeatMapLeadsToTheNodeWhichFollowsItsGpus() throws Exception {
        report(97);
        logIn("wei");
        page.navigate("/nodes");
        assertThat(page.locator(".heat-row .heat-cell")).hasCount(2);
        assertThat(page.locator(".heat-row .heat-4")).hasAttribute("aria-label", "GPU 0: 97 %, memory 60 GiB, 61 °C");
        assertThat(page.locator(".heat-row .unwell")).hasCount(1);
        assertThat(page.locator(".node-warnings")).containsText("Fell off the bus");

        page.click(".heat-row");
        page.waitForURL("**/nodes/local");
        assertThat(page.locator(".gpus tbody tr").first()).containsText("97 %");
        assertThat(page.locator(".gpus tbody tr").first()).containsText("60 GiB of 80 GiB");
        assertThat(page.locator(".gpus tbody tr").last()).containsText("Fell off the bus");
        assertThat(page.locator("#page")).containsText("GPU memory only grows: python3 4711 from 1 GiB to 60 GiB");

        assertThat(page.locator(".topology tbody tr").first())
                .hasText(Pattern.compile("GPU 0\\s+X\\s+SYS\\s+0\\s+0-23,48-71"));

        assertThat(page.locator(".engines tbody tr").first()).hasText(Pattern.compile("resnet\\s+3\\s+sm_90\\s+ready"));
        assertThat(page.locator(".engines tbody tr").last()).containsText("no GPU is free");

        report(12);
        assertThat(page.locator(".gpus tbody tr").first()).containsText("12 %");
    }

    @Test
    void itIsSaidInChineseAndFitsAPhone() throws Exception {
        report(97);
        open(new Browser.NewContextOptions().setLocale("zh-CN").setViewportSize(390, 844));
        logIn("wei");
        page.navigate("/nodes/local");

        assertThat(page.locator("#page")).containsText("已掉卡");
        assertThat(page.locator("#page")).containsText("疑似泄漏");
        assertThat(page.locator(".engines")).containsText("没有空闲的 GPU");
        assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(390);
        page.navigate("/nodes");
        assertThat(page.locator(".heat-row")).isVisible();
        assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(390);
    }

    @Test
    void aNodeThatIsNotThereIsSaidToBeMissing() {
        logIn("wei");

        assertThat(page.navigate("/nodes/nowhere").status()).isEqualTo(404);
    }
}
