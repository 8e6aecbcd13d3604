package io.shusuan.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import io.shusuan.api.security.AgentTokens;
import io.shusuan.db.job.JobId;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** What people see of the memory of GPUs that models hold, and of one whose GPU is lost. */
class ModelGpuMemoryTest extends PortalCase {

    private static final String HOST = "gpu-memory-host";
    private static final String LOST =
            "GPU_LOST: GPU 1 is lost to this agent until it is restarted: cudaEventSynchronize failed: "
                    + "cudaErrorIllegalAddress (700): an illegal memory access was encountered";

    @Autowired
    AgentTokens tokens;

    private void report() throws Exception {
        var job = JobId.next();
        var body = """
                {"agentId": "%s", "hostname": "%s", "version": "0.1.0", "startedAt": "2026-01-01T00:00:00Z",
                 "job": {"id": "%s", "role": "server"},
                 "models": [
                  {"name": "captions", "version": "3", "state": "READY", "requestsTotal": 3,
                   "gpuMemory": [{"gpu": 0, "bytes": 6442450944, "budgetBytes": 81604378624}, {"gpu": 1, "bytes": 1073741824, "budgetBytes": 81604378624}]},
                  {"name": "digits", "version": "1", "state": "UNAVAILABLE", "reason": "%s", "gpuMemory": [{"gpu": 1, "bytes": 536870912, "budgetBytes": 81604378624}]},
                  {"name": "cpu", "version": "1", "state": "READY", "gpuMemory": []}]}
                """.formatted(UUID.randomUUID(), HOST, job, LOST);
        try (var client = HttpClient.newHttpClient()) {
            var answer = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/agents"))
                            .header("Authorization", "Bearer " + tokens.of(job))
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString(body))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
        }
    }

    private com.microsoft.playwright.Locator models() {
        return page.locator("section.agent", new com.microsoft.playwright.Page.LocatorOptions().setHasText(HOST))
                .first()
                .locator("table.models tbody tr");
    }

    @Test
    void eachModelSaysWhatItHoldsOfWhichGpu() throws Exception {
        report();
        open(new Browser.NewContextOptions().setLocale("en").setViewportSize(1280, 900));
        logIn("wei");
        page.navigate("/agents");

        assertThat(models().nth(0)).containsText("Holds 6 GiB of GPU 0");
        assertThat(models().nth(0)).containsText("Holds 1 GiB of GPU 1");
        assertThat(models().nth(0).locator("[title='All models of this agent may hold 76 GiB of GPU 0 together']"))
                .hasCount(1);
        assertThat(models().nth(1)).containsText(LOST);
        assertThat(models().nth(2)).not().containsText("GPU");
        assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(1280);
    }

    @Test
    void itIsSaidInChineseAndFitsAPhone() throws Exception {
        report();
        open(new Browser.NewContextOptions().setLocale("zh-CN").setViewportSize(390, 844));
        logIn("wei");
        page.navigate("/agents");

        assertThat(models().nth(0)).containsText("占用 GPU 0 显存 6 GiB");
        assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(390);
    }
}
