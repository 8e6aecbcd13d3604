package io.shusuan.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import org.junit.jupiter.api.Test;

/** The priority classes as people see and change them. */
class PrioritiesPageTest extends PortalCase {

    @Test
    void aClassIsMadeChangedAndRemovedOnceItIsFree() {
        logIn("root");
        page.navigate("/queues");
        page.click("text=Priority classes");
        assertThat(page.locator(".empty-state")).containsText("No priority classes");
        page.fill(".page-head [name=name]", "prod");
        page.fill(".page-head [name=value]", "100");
        page.fill(".page-head [name=description]", "what customers wait for");
        page.click("text=Create class");
        assertThat(page.locator(".flash-good")).containsText("Class prod is stored");

        var held = queues.create(new QueueName("held"), "root");
        queues.become(held.name(), QueueState.HELD, false, "root");
        var job = submitText("root", """
                jobName: urgent
                queue: held
                priorityClass: prod
                taskRoles:
                - {name: main, gpuNumber: 0, command: 'true'}
                """);
        page.fill("tbody [name=value]", "200");
        page.click("tbody >> text=Save");
        assertThat(page.locator("tbody [name=value]")).hasValue("200");
        page.navigate("/jobs/" + job);
        assertThat(page.locator(".facts")).containsText("200 (prod)");

        page.navigate("/priority-classes");
        page.click("[aria-label='Remove class prod']");
        assertThat(page.locator(".flash-bad")).containsText("1 job(s) that wait and 0 that have resources");
        page.fill("tbody [name=value]", "lots");
        page.click("tbody >> text=Save");
        assertThat(page.locator(".flash-bad")).containsText("value");
        control.stop(JobId.parse(job), "root");
        page.click("[aria-label='Remove class prod']");
        assertThat(page.locator(".flash-good")).containsText("Class prod is gone");
    }

    @Test
    void usersSeeThemAndChangeNothing() {
        logIn("wei");
        page.navigate("/priority-classes");
        assertThat(page.locator("text=Create class")).isDisabled();
    }
}
