package io.shusuan.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.queue.PriorityClass;
import io.shusuan.db.queue.PriorityClassName;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.replay.KeptCycles;
import io.shusuan.scheduler.sharing.PriorityControl;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** How the nodes are shared, as administrators see and change it, and why it was decided as it was. */
class SharingPagesTest extends PortalCase {

    @Autowired
    PriorityControl priorities;

    @Autowired
    KeptCycles cycles;

    private void make(String cohort) {
        page.navigate("/cohorts");
        page.fill(".page-head [name=name]", cohort);
        page.click("text=Create cohort");
        page.waitForURL("**/admin/cohorts/%s/settings".formatted(cohort));
    }

    private void picture(String name) {
        page.screenshot(new Page.ScreenshotOptions()
                .setFullPage(true)
                .setPath(Path.of("target/screenshots/%s.png".formatted(name))));
    }

    private void fits(String name) {
        picture(name);
        assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
                .as(name)
                .isLessThanOrEqualTo(390);
    }

    private void phone() {
        open(new Browser.NewContextOptions().setLocale("zh-CN").setViewportSize(390, 844));
    }

    @Test
    void cohortsAreMadeNestedAndEmptiedBeforeTheyGo() {
        queues.create(new QueueName("optics"), "root");
        logIn("root");
        make("research");
        page.check("[name='use.default']");
        page.fill("[name='default.nominal.cpus']", "4");
        page.click("#preview");
        assertThat(page.locator("#effects")).containsText("No job would fare otherwise.");
        page.click("#save");
        page.waitForURL("**/cohorts/research");
        assertThat(page.locator("#history li").first()).containsText("quotas.default.nominal.cpus – → 4");
        assertThat(page.locator("#history li").first()).containsText("root");
        make("lab");
        page.selectOption("[name=parent]", "research");
        page.click("#save");
        page.waitForURL("**/cohorts/lab");

        page.navigate("/admin/queues/optics/settings");
        page.selectOption("[name=cohort]", "lab");
        page.check("[name='use.default']");
        page.fill("[name='default.nominal.cpus']", "2");
        page.click("#save");
        page.waitForURL("**/queues");
        page.click("text=Cohorts");
        page.waitForURL("**/cohorts");
        assertThat(page.locator("tr:has(a[href='/cohorts/research'])")).containsText("of 6 owned");
        assertThat(page.locator("tr:has(a[href='/cohorts/lab'])")).containsText("└ lab");
        assertThat(page.locator("tr:has(a[href='/cohorts/lab'])")).containsText("optics");
        picture("cohorts");
        page.navigate("/cohorts/lab");
        assertThat(page.locator("#members")).containsText("optics");
        picture("cohort");

        page.click("#remove");
        assertThat(page.locator(".flash-bad"))
                .containsText("cohort lab is not empty: take queue optics out of it first");
        page.navigate("/admin/queues/optics/settings");
        page.selectOption("[name=cohort]", "");
        page.click("#save");
        page.waitForURL("**/queues");
        page.navigate("/cohorts/lab");
        page.click("#remove");
        page.waitForURL("**/cohorts");
        assertThat(page.locator(".flash-good")).containsText("Cohort lab is gone.");
    }

    @Test
    void whatIsWrongIsToldAtItsField() {
        logIn("root");
        make("outer");
        page.navigate("/cohorts");
        make("inner");
        page.selectOption("[name=parent]", "outer");
        page.click("#save");
        page.waitForURL("**/cohorts/inner");
        page.navigate("/admin/cohorts/outer/settings");
        page.selectOption("[name=parent]", "inner");
        page.click("#preview");
        assertThat(page.locator("[name=parent] + .field-wrong")).containsText("would be in itself: ");
        assertThat(page.locator("[name=parent]")).hasAttribute("aria-invalid", "true");
        page.selectOption("[name=parent]", "");
        page.fill("[name='weight']", "0");
        page.check("[name='use.default']");
        page.fill("[name='default.nominal.gpus']", "-1");
        page.fill("[name='default.borrowing.gpus']", "1.5");
        page.fill("[name='default.lending.memoryMB']", "99999999999999");
        page.click("#save");
        assertThat(page.locator("[name='default.nominal.gpus'] + .field-wrong"))
                .containsText("must be a whole number from 0 to 1000000000, or be left out for no limit, not -1");
        assertThat(page.locator("[name='default.borrowing.gpus'] + .field-wrong"))
                .containsText("not 1.5");
        assertThat(page.locator("[name='default.lending.memoryMB'] + .field-wrong"))
                .containsText("not 99999999999999");
        assertThat(page.locator("[name='weight'] + .field-wrong")).containsText("must be more than 0");
        assertThat(page.locator("[name=parent] + .field-wrong")).hasCount(0);
        picture("cohort-faults");
        page.fill("[name='default.nominal.gpus']", "lots");
        page.click("#save");
        assertThat(page.locator("[name='default.nominal.gpus'] + .field-wrong")).containsText("cannot be 'lots'");
        page.navigate("/cohorts");
        page.fill(".page-head [name=name]", "outer");
        page.click("text=Create cohort");
        assertThat(page.locator(".flash-bad")).containsText("There is such a cohort already.");

        phone();
        logIn("root");
        page.navigate("/admin/cohorts/outer/settings");
        page.check("[name='use.default']");
        page.fill("[name='default.nominal.gpus']", "-1");
        page.click("#preview");
        assertThat(page.locator("[name='default.nominal.gpus'] + .field-wrong"))
                .hasText("default.nominal.gpus 应为 0 到 1000000000 的整数，或留空表示不限，而不是 -1");
        fits("cohort-faults-zh");
        page.navigate("/cohorts");
        fits("cohorts-zh");
        page.navigate("/cohorts/inner");
        fits("cohort-zh");
    }

    @Test
    void flavoursAreTriedBeforeTheyTakeNodes() {
        queues.create(new QueueName("special"), "root");
        logIn("root");
        page.navigate("/flavours");
        assertThat(page.locator("tbody tr")).containsText("fits every node");
        page.fill(".page-head [name=name]", "here");
        page.click("text=New flavour");
        page.fill("[name=labels]", "kubernetes.io/hostname");
        page.click("#preview");
        assertThat(page.locator("[name=labels] + .field-wrong")).containsText("must be lines such as key=value");
        page.fill("[name=labels]", "kubernetes.io/hostname=nowhere");
        page.click("#save");
        page.waitForURL("**/flavours/here");
        page.navigate("/admin/queues/special/settings");
        page.check("[name='use.default']");
        page.check("[name='use.here']");
        page.selectOption("[name='order.here']", "1");
        page.selectOption("[name='order.default']", "2");
        page.fill("[name='here.nominal.gpus']", "3");
        page.click("#save");
        page.waitForURL("**/queues");
        page.navigate("/queues/special");
        assertThat(page.locator("#history")).containsText("flavours – → here, default");
        page.navigate("/flavours/here");
        picture("flavour");
        page.click("#remove");
        assertThat(page.locator(".flash-bad"))
                .containsText("there are quotas of flavour here: take them from queue special first");

        // The one without labels is of all nodes: with a label that none has, they would be of none.
        page.navigate("/admin/flavours/default/settings");
        page.fill("[name=labels]", "no=such");
        page.click("#preview");
        assertThat(page.locator("#moved")).containsText("no flavour: takes no work");
        picture("flavour-preview");
        phone();
        logIn("root");
        page.navigate("/flavours");
        fits("flavours-zh");
        page.navigate("/admin/flavours/default/settings");
        page.fill("[name=labels]", "no=such");
        page.click("#preview");
        assertThat(page.locator("#moved")).containsText("没有规格：不接受任务");
        fits("flavour-preview-zh");
        page.navigate("/flavours/here");
        fits("flavour-zh");
        page.navigate("/admin/queues/special/settings");
        fits("queue-settings-zh");
        page.uncheck("[name='use.here']");
        page.click("#save");
        page.waitForURL("**/queues");
        page.navigate("/flavours/here");
        page.click("#remove");
        page.waitForURL("**/flavours");
        assertThat(page.locator(".flash-good")).containsText("规格 here 已删除。");
    }

    @Test
    void aQueueTakesSomePrioritiesOnlyAndSaysWhomThatStrands() {
        priorities.change(new PriorityClass(new PriorityClassName("calm"), 5, null));
        queues.create(new QueueName("modest"), "root");
        queues.become(new QueueName("modest"), QueueState.HELD, false, "root");
        var job = submitText("wei", """
                jobName: urgent
                queue: modest
                priority: 50
                taskRoles:
                - {name: main, gpuNumber: 0, command: 'true'}
                """);
        logIn("root");
        page.navigate("/admin/queues/modest/settings");
        page.fill("[name='priorities.highest']", "1001");
        page.click("#preview");
        assertThat(page.locator("[name='priorities.highest'] + .field-wrong")).containsText("from -1000 to 1000");
        page.fill("[name='priorities.highest']", "10");
        page.check("[name='priorities.class.calm']");
        page.click("#preview");
        assertThat(page.locator("#effects")).containsText("1 job(s) that wait in queue modest would wait for ever");
        picture("priorities-preview");
        page.click("#save");
        assertThat(page.locator("#outcome .flash-bad")).containsText("would wait for ever");
        page.click("#confirm");
        page.waitForURL("**/queues");
        queues.become(new QueueName("modest"), QueueState.OPEN, false, "root");
        page.navigate("/queues/modest");
        assertThat(page.locator(".facts")).containsText("Highest priority");
        assertThat(page.locator(".facts")).containsText("calm");
        page.navigate("/jobs/" + job);
        assertThat(page.locator("#head .because")).containsText("Priority not taken");
        assertThat(page.locator("#head .because")).containsText("takes priorities up to 10, not 50");
        phone();
        logIn("wei");
        page.navigate("/jobs/" + job);
        assertThat(page.locator("#head .because")).containsText("队列 modest 只接受至多 10 的优先级，而不是 50；请以其他优先级重新提交，或由管理员更改");
        assertThat(page.locator("#decisions")).hasCount(0);

        open();
        logIn("root");
        page.navigate("/admin/queues/modest/settings");
        page.uncheck("[name='priorities.class.calm']");
        page.click("#save");
        page.waitForURL("**/queues");
        priorities.remove(new PriorityClassName("calm"));
    }

    @Test
    void itIsToldWhatWasDecidedAndWhoWasBeforeWhom() {
        var queue = new QueueName("line");
        queues.create(queue, "root");
        logIn("root");
        page.navigate("/admin/queues/line/settings");
        page.check("[name='use.default']");
        page.fill("[name='default.nominal.cpus']", "0.1");
        page.click("#save");
        page.waitForURL("**/queues");
        queues.become(queue, QueueState.HELD, false, "root");
        var first = submit("wei", "goes-first", "exec sleep 1000", 1, "line");
        var second = submit("wei", "comes-later", "exec sleep 1000", 1, "line");
        queues.become(queue, QueueState.OPEN, false, "root");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> jobs.find(JobId.parse(first)).orElseThrow().state() == JobState.RUNNING
                        && !cycles.before(Long.MAX_VALUE, new KeptCycles.Filter(queue, null), 1)
                                .isEmpty());

        page.navigate("/jobs/" + second);
        page.click("#decisions");
        page.waitForURL("**/admin/cycles?job=" + second);
        assertThat(page.locator("tbody tr").first()).isVisible();
        picture("cycles");
        page.click("tbody tr a");
        assertThat(page.locator("tbody tr")).hasCount(1);
        assertThat(page.locator("tbody tr")).containsText("Waited as no. 1:");
        assertThat(page.locator("tbody tr")).containsText("held by");
        page.fill(".filters [name=job]", "");
        page.fill(".filters [name=queue]", "line");
        page.click(".filters button");
        page.waitForURL("**queue=line");
        assertThat(page.locator("tbody tr").first()).containsText("goes-first");
        assertThat(page.locator("tbody tr").first()).containsText("Admitted on");
        assertThat(page.locator("#same")).isVisible();
        picture("cycle");

        page.navigate("/admin/cycles");
        page.fill("#why [name=first]", "goes-first");
        page.fill("#why [name=second]", "comes-later");
        page.click("#why button");
        assertThat(page.locator("#order")).containsText("goes-first stood before comes-later");
        assertThat(page.locator(".side")).hasCount(2);
        picture("why");
        page.navigate("/admin/cycles/why?first=comes-later&second=goes-first");
        assertThat(page.locator(".empty-state")).containsText("In none of the last decisions");
        page.click("text=Ask the other way round");
        assertThat(page.locator("#order")).isVisible();
        page.navigate("/admin/cycles?queue=A_b");
        assertThat(page.locator("[role=alert]")).containsText("there is no queue");
        assertThat(page.navigate("/admin/cycles/999999").status()).isEqualTo(404);

        phone();
        logIn("root");
        page.navigate("/admin/cycles");
        fits("cycles-zh");
        page.click("tbody tr a");
        fits("cycle-zh");
        page.navigate("/admin/cycles/why?first=goes-first&second=comes-later");
        assertThat(page.locator("#order")).containsText("goes-first 排在 comes-later 之前");
        fits("why-zh");
        open();
        logIn("wei");
        assertThat(page.navigate("/admin/cycles").status()).isEqualTo(403);
        assertThat(page.navigate("/cohorts").status()).isEqualTo(200);
        assertThat(page.locator("text=Create cohort")).isDisabled();
        control.stop(JobId.parse(second), "the test");
        control.stop(JobId.parse(first), "the test");
    }
}
