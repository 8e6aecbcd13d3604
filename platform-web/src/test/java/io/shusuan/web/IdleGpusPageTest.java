package io.shusuan.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import io.shusuan.api.security.AgentTokens;
import io.shusuan.api.security.Tokens;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.idle.IdleLoop;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;

/** What becomes of a job whose GPUs do nothing, from the queue's form and the agent's report to what its owner sees. */
@TestPropertySource(properties = "shusuan.local.gpus=2")
class IdleGpusPageTest extends PortalCase {

    @Autowired
    AgentTokens agents;

    @Autowired
    Tokens tokens;

    @Autowired
    IdleLoop idle;

    @Autowired
    JdbcClient jdbc;

    private String send(HttpRequest.Builder request) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            var answer = client.send(request.build(), BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
            return answer.body();
        }
    }

    private HttpRequest.Builder request(String path, String token) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer " + token);
    }

    private void report(String gpu) throws Exception {
        send(request("/api/v1/agents", agents.ofNodes())
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("""
                        {"agentId": "0c0e4b8e-55a3-4f0e-9a59-2f7b3a0d1c22", "hostname": "h", "version": "0.1.0",
                         "startedAt": "2026-01-01T00:00:00Z",
                         "node": {"name": "local", "gpus": [{"index": 0, %1$s}, {"index": 1, %1$s}]}}
                        """.formatted(gpu))));
        idle.run();
    }

    private void choose(String action, String grace) {
        logIn("root");
        page.navigate("/admin/queues/default/settings");
        page.selectOption("[name='idle.action']", action);
        page.fill("[name='idle.afterSeconds']", "1200");
        page.fill("[name='idle.graceSeconds']", grace);
        page.click("#save");
        page.waitForURL("**/queues");
    }

    private String idler(String name) {
        return idler(name, "default");
    }

    private String idler(String name, String queue) {
        var id = submitText("wei", """
                jobName: %s
                queue: %s
                kind: training
                taskRoles:
                - {name: main, taskNumber: 1, cpuNumber: 1, memoryMB: 64, gpuNumber: 2, command: exec sleep 1000}
                """.formatted(name, queue));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> jobs.find(JobId.parse(id)).orElseThrow().state() == JobState.RUNNING);
        jdbc.sql("update jobs set started_at = now() - interval '2 hours' where id = ?")
                .param(JobId.parse(id).value())
                .update();
        return id;
    }

    private void picture(String name) {
        page.screenshot(new Page.ScreenshotOptions()
                .setFullPage(true)
                .setPath(Path.of("target/screenshots/%s.png".formatted(name))));
    }

    @Test
    void theOwnerIsWarnedNotifiedAndReadsWhyItWasStopped() throws Exception {
        choose("STOP", "600");
        page.navigate("/admin/queues/default/settings");
        assertThat(page.locator("[name='idle.action']")).hasValue("STOP");
        assertThat(page.locator("[name='idle.afterSeconds']")).hasValue("1200");
        picture("idle-settings");
        var id = idler("idler");
        var measured = "\"utilization\": 0, \"idleSince\": \"%s\""
                .formatted(Instant.now().minus(Duration.ofMinutes(45)));
        report(measured);

        open();
        logIn("wei");
        assertThat(page.locator(".bell-count")).hasText("1");
        page.navigate("/jobs/" + id);
        assertThat(page.locator("#idle")).containsText("GPUs idle");
        assertThat(page.locator("#idle")).containsText("and queue default allows 20 min; it is stopped at");
        picture("idle-job");
        page.navigate("/queues/default");
        assertThat(page.locator(".facts")).containsText("idle for 20m, stopped 10m later");
        picture("idle-queue");
        page.click("#idle-now a");
        assertThat(page.locator("tr[data-job]")).hasCount(1);
        assertThat(page.locator("tr[data-job='" + id + "']")).containsText("GPUs idle");
        var token = tokens.issue("wei", "test", null).token();
        assertThat(send(request("/api/v1/jobs/" + id, token)))
                .contains("\"idle\":{\"since\":\"", "\"stopsAt\":\"", "have done nothing for");
        assertThat(send(request("/api/v1/jobs?idle=true", token))).contains(id, "\"idleSince\":\"");
        assertThat(send(request("/api/v1/notices", token))).contains("\"kind\":\"IDLE_GPUS\"", "\"jobName\":\"idler\"");

        page.navigate("/jobs/" + id);
        jdbc.sql("update jobs set idle_stops_at = now() where id = ?")
                .param(JobId.parse(id).value())
                .update();
        report(measured);
        assertThat(send(request("/api/v1/jobs?idle=true", token))).doesNotContain(id);
        assertThat(page.locator("#head .because").first()).containsText("Stopped, GPUs idle");
        page.click(".bell");
        assertThat(page.locator(".timeline li")).hasCount(2);
        assertThat(page.locator(".timeline"))
                .containsText("stopped, because its 2 GPU(s) on local have done nothing for");
        picture("idle-notices");
        page.click("text=Mark all as read");
        assertThat(page.locator(".bell-count")).hasCount(0);
    }

    @Test
    void whomAPolicyWouldConcernIsSaidBeforeItIsSaved() throws Exception {
        queues.create(new QueueName("lab"), "root");
        var id = idler("idler-tried", "lab");
        logIn("root");
        page.navigate("/admin/queues/lab/settings");
        page.selectOption("[name='idle.action']", "STOP");
        page.click("#preview");
        assertThat(page.locator("#idle-effects")).containsText("Of 1 running jobs with GPUs it is not known");
        report("\"utilization\": 0, \"idleSince\": \"%s\""
                .formatted(Instant.now().minus(Duration.ofHours(3))));
        page.click("#preview");
        assertThat(page.locator("#idle-effects tbody tr")).containsText("idler-tried");
        assertThat(page.locator("#idle-effects tbody tr")).containsText("2 · local");
        assertThat(page.locator("#idle-effects tbody tr")).containsText("120 min");
        assertThat(page.locator("#idle-effects tbody tr"))
                .containsText("Is warned and stopped, unless its GPUs work, at");
        picture("idle-preview");
        page.fill("[name='idle.afterSeconds']", "10000");
        page.click("#preview");
        assertThat(page.locator("#effects")).isVisible();
        assertThat(page.locator("#idle-effects")).hasCount(0);
        assertThat(jobs.find(JobId.parse(id)).orElseThrow().idle()).isNull();
        assertThat(jdbc.sql("select count(*) from gpu_idleness where job_id = ?")
                        .param(JobId.parse(id).value())
                        .query(Long.class)
                        .single())
                .isZero();
        open(new Browser.NewContextOptions().setLocale("zh-CN").setViewportSize(390, 844));
        logIn("root");
        page.navigate("/admin/queues/lab/settings");
        page.selectOption("[name='idle.action']", "WARN");
        page.click("#preview");
        assertThat(page.locator("#idle-effects")).containsText("收到警告");
        picture("idle-preview-zh");
        fits();
        control.stop(JobId.parse(id), "the test");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> !jobs.find(JobId.parse(id)).orElseThrow().state().isActive());
    }

    @Test
    void itIsSaidInChineseAndFitsAPhone() throws Exception {
        choose("WARN", "900");
        var id = idler("idler-zh");
        report("\"utilization\": 0, \"idleSince\": \"%s\""
                .formatted(Instant.now().minus(Duration.ofHours(3))));
        open(new Browser.NewContextOptions().setLocale("zh-CN").setViewportSize(390, 844));
        logIn("wei");
        page.navigate("/jobs/" + id);
        assertThat(page.locator("#idle")).containsText("GPU 闲置");
        assertThat(page.locator("#idle"))
                .containsText("个 GPU 已 2 h 0 min 没有工作（利用率 0 %），而队列 default 只允许 20 min；工作完成后请结束作业");
        picture("idle-job-zh");
        fits();
        page.navigate("/notices");
        fits();
        report("\"utilization\": 80");
        page.navigate("/jobs/" + id);
        assertThat(page.locator("#idle")).hasCount(0);
        page.navigate("/jobs/" + id + "?tab=events");
        assertThat(page.locator(".timeline")).containsText("GPU 闲置警告已撤销");
        control.stop(JobId.parse(id), "the test");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> !jobs.find(JobId.parse(id)).orElseThrow().state().isActive());
    }

    private void fits() {
        assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(390);
    }
}
