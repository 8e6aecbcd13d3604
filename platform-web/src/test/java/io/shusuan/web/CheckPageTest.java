package io.shusuan.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import io.shusuan.db.identity.Role;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the page of a new job says of a text before it is submitted. */
class CheckPageTest extends PortalCase {

    private static String text(String name, int cpus, String command) {
        return """
                jobName: %s
                timeLimit: 30m
                taskRoles:
                - name: main
                  taskNumber: 1
                  cpuNumber: %d
                  memoryMB: 64
                  gpuNumber: 0
                  command: %s
                """.formatted(name, cpus, command);
    }

    private void check(String text) {
        page.navigate("/jobs/new");
        page.fill("#text", text);
        page.click("#check");
    }

    @Test
    void whatNeverFitsIsToldWhatWould() {
        logIn("wei");
        check(text("never", 16, "'true'"));
        assertThat(page.locator("#verdict")).containsText("It would never run.");
        assertThat(page.locator("#verdict li").first()).hasText("taskRoles[0].cpuNumber: 8");
    }

    @Test
    void whatWouldWaitIsToldWhenItIsExpectedToStart() {
        logIn("wei");
        check(text("second", 8, "'true'"));
        assertThat(page.locator("#verdict")).containsText("It would run at once, on local.");
        var first = JobId.parse(submitText("wei", text("first", 8, "exec sleep 1000")));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> jobs.find(first).orElseThrow().state() == JobState.RUNNING);

        check(text("second", 8, "'true'"));

        assertThat(page.locator("#verdict .position")).hasText("It would be no. 1 in queue default");
        assertThat(page.locator("#verdict .estimate")).hasText(Pattern.compile("expected to start between .* and .*"));

        open(new Browser.NewContextOptions().setLocale("zh-CN"));
        accounts.create("mei", PASSWORD, Role.USER);
        logIn("mei");
        check(text("second", 8, "'true'"));
        assertThat(page.locator("#verdict .position")).hasText("将在队列 default 中排第 1 位");
        assertThat(page.locator("#verdict .estimate")).containsText("预计开始时间");
    }
}
