package io.shusuan.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.sharing.CohortSettings;
import io.shusuan.scheduler.sharing.SharingControl;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A queue's page: what it had over time, and who said what of it. */
class QueuePageTest extends PortalCase {

    @Autowired
    JdbcClient jdbc;

    @Autowired
    SharingControl sharing;

    private void held(String queue, int gpus, int hoursAgo, int hours) {
        jdbc.sql("""
                        insert into holdings (job_id, run, job_name, owner, queue, flavour, milli_cpus, memory_mib, gpus, began, ended)
                        values (gen_random_uuid(), 1, 'job', 'ada', :queue, 'default', 0, 0, :gpus, now() - make_interval(hours => :ago),
                                now() - make_interval(hours => :ago - :hours))""")
                .param("queue", queue)
                .param("gpus", gpus)
                .param("ago", hoursAgo)
                .param("hours", hours)
                .update();
    }

    private void owns(String queue, String gpus) {
        page.navigate("/admin/queues/%s/settings".formatted(queue));
        page.check("[name='use.default']");
        page.fill("[name='default.nominal.gpus']", gpus);
        page.click("#save");
        page.waitForURL("**/queues");
    }

    private void picture(String name) {
        page.screenshot(new Page.ScreenshotOptions()
                .setFullPage(true)
                .setPath(Path.of("target/screenshots/%s.png".formatted(name))));
    }

    @Test
    void itShowsWhatItHadAndWhoChangedIt() {
        queues.create(new QueueName("past"), "root");
        logIn("root");
        owns("past", "4");
        owns("past", "8");
        jdbc.sql(
                        "update settings_history set at = now() - interval '10 days' where name = 'past' and settings -> 'quotas' = '{}'")
                .update();
        jdbc.sql(
                        "update settings_history set at = now() - interval '6 days' where settings #>> '{quotas,default,nominal,gpus}' = '4'")
                .update();
        jdbc.sql(
                        "update settings_history set at = now() - interval '2 days' where settings #>> '{quotas,default,nominal,gpus}' = '8'")
                .update();
        held("past", 3, 120, 20);
        held("past", 6, 90, 60);
        held("past", 5, 12, 12);
        open();
        logIn("wei");
        page.navigate("/queues");
        page.click(".c-name >> text=past");
        page.waitForURL("**/queues/past");
        assertThat(page.locator("#history")).containsText("root");
        assertThat(page.locator("#history li").first()).containsText("quotas.default.nominal.gpus 4 → 8");
        assertThat(page.locator(".gpu-chart g")).hasCount(168);
        assertThat(page.locator(".chart-owned")).hasCount(1);
        assertThat(page.locator(".gpu-chart title >> text=6 GPU used, 4 owned, 2 borrowed")
                        .first())
                .hasCount(1);
        assertThat(page.locator("#usage")).containsText("Used of its own");
        picture("queue-page");
        page.click("summary:has-text('As a table')");
        assertThat(page.locator("#usage tbody tr")).hasCount(168);
        page.click("text=24 hours");
        page.waitForURL("**span=DAY");
        assertThat(page.locator(".gpu-chart g")).hasCount(96);
        var csv = page.waitForDownload(() -> page.click("#usage a:has-text('CSV')"));
        assertThat(csv.suggestedFilename()).isEqualTo("queue-past.csv");
    }

    @Test
    void aQueueWithoutJobsGoesAndOneWithJobsSaysWhy() throws Exception {
        var queue = new QueueName("leaving");
        queues.create(queue, "root");
        queues.become(queue, QueueState.HELD, false, "root");
        var job = submit("wei", "in-the-way", "exec sleep 1", 1, "leaving");
        logIn("wei");
        page.navigate("/queues/leaving");
        assertThat(page.locator("#remove")).hasCount(0);
        open(new Browser.NewContextOptions().setLocale("zh-CN").setViewportSize(390, 844));
        logIn("root");
        page.navigate("/queues/leaving");
        page.click("#remove");
        assertThat(page.locator(".flash-bad")).containsText("队列 leaving 还有 1 个作业，其中 1 个未结束");
        picture("queue-remove-zh");
        control.stop(JobId.parse(job), "the test");
        control.delete(JobId.parse(job));
        page.click("#remove");
        page.waitForURL("**/queues");
        assertThat(page.locator(".flash-good")).containsText("队列 leaving 已删除");
        assertThat(page.navigate("/queues/leaving").status()).isEqualTo(404);
        page.navigate("/queues/default");
        page.click("#remove");
        assertThat(page.locator(".flash-bad")).containsText("它不能删除");
    }

    @Test
    void anAdministratorPutsTheLineIntoAnotherOrder() {
        var queue = new QueueName("pending");
        queues.create(queue, "root");
        queues.become(queue, QueueState.HELD, false, "root");
        var first = submit("wei", "came-first", "exec sleep 1", 1, "pending");
        var second = submit("wei", "came-later", "exec sleep 1", 1, "pending");
        var names = page.locator("#line .c-name a");
        logIn("root");
        page.navigate("/queues/pending");
        assertThat(names).hasText(new String[] {"came-first", "came-later"});
        page.fill("[aria-label='Priority of came-later']", "1001");
        page.click("tr:has-text('came-later') button");
        assertThat(page.locator(".flash-bad")).containsText("from -1000 to 1000");
        page.fill("[aria-label='Priority of came-later']", "lots");
        page.click("tr:has-text('came-later') button");
        assertThat(page.locator(".flash-bad")).containsText("there is no priority class 'lots'");
        page.fill("[aria-label='Priority of came-later']", "5");
        page.click("tr:has-text('came-later') button");
        assertThat(page.locator(".flash-good")).containsText("came-later stands where its priority puts it");
        assertThat(names).hasText(new String[] {"came-later", "came-first"});
        picture("queue-line");

        open(new Browser.NewContextOptions().setLocale("zh-CN").setViewportSize(390, 844));
        logIn("wei");
        page.navigate("/queues/pending");
        assertThat(page.locator("#line .c-name a")).hasText(new String[] {"came-later", "came-first"});
        assertThat(page.locator("#line input")).hasCount(0);
        assertThat(page.locator("#line")).containsText("每一点优先级相当于等待十分钟");
        picture("queue-line-zh");
        assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(390);
        page.navigate("/jobs/" + second + "?tab=events");
        assertThat(page.locator(".timeline")).containsText("root 将它的优先级从 0 改为 5");
        control.stop(JobId.parse(first), "the test");
        control.stop(JobId.parse(second), "the test");
        page.navigate("/queues/pending");
        assertThat(page.locator("#line")).hasCount(0);
    }

    @Test
    void barsShowWhatIsBorrowedAndLentAndLeadToTheJobs() {
        var cohort = new CohortName("neighbours");
        sharing.change(new CohortSettings(cohort, null, 1, List.of()), false, "root");
        logIn("root");
        for (var name : List.of("lender", "borrower")) {
            queues.create(new QueueName(name), "root");
            page.navigate("/admin/queues/%s/settings".formatted(name));
            page.selectOption("[name=cohort]", "neighbours");
            page.check("[name='use.default']");
            page.fill("[name='default.nominal.cpus']", name.equals("lender") ? "0.4" : "0.1");
            page.click("#save");
            page.waitForURL("**/queues");
        }
        var job = JobId.parse(submit("wei", "borrows", "exec sleep 1000", 3, "borrower"));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> jobs.find(job).orElseThrow().state() == JobState.RUNNING);
        page.navigate("/queues/lender");
        assertThat(page.locator(".foot-lent")).hasText("0.2 lent");
        page.navigate("/queues/borrower");
        assertThat(page.locator(".foot-borrowed")).hasText("0.2 of it borrowed");
        assertThat(page.locator(".bar-foot")).containsText("at most 0.5");
        picture("queue-borrower");
        page.navigate("/queues");
        picture("queues-bars");
        page.navigate("/cohorts/neighbours");
        assertThat(page.locator("#members .foot-lent")).hasText("0.2 lent");
        page.click("#members tr:has-text('borrower') .bar-head a");
        page.waitForURL("**/jobs?queue=borrower&state=active");
        assertThat(page.locator(".c-name >> text=borrows")).isVisible();
        control.stop(job, "the test");
    }

    @Test
    void everybodySeesTheirLimitsAndWhatTheyHaveOfThem() {
        queues.create(new QueueName("limited"), "root");
        logIn("root");
        page.navigate("/admin/queues/limited/settings");
        page.fill("[name='perUser.gpus']", "4");
        page.fill("[name='budget.gpuHours']", "1000");
        page.fill("[name='budget.userGpuHours']", "100.5");
        page.click("#save");
        page.waitForURL("**/queues");
        jdbc.sql("""
                        insert into holdings (job_id, run, job_name, owner, queue, flavour, milli_cpus, memory_mib, gpus, began)
                        select gen_random_uuid(), 1, 'job', 'ada', 'limited', 'default', 1500, 2048, 2, date_trunc('month', now())""").update();
        open();
        logIn("wei");
        page.navigate("/queues/limited");
        assertThat(page.locator("#users tbody tr")).hasCount(2);
        assertThat(page.locator("#users tr[aria-current]")).containsText("wei (you)");
        assertThat(page.locator("#users tr[aria-current] td").nth(1)).hasText("0 / 4");
        assertThat(page.locator("#users tr[aria-current] td").nth(4)).hasText("0 / 100.5");
        assertThat(page.locator("#users tr:has-text('ada') td").nth(1)).hasText("2 / 4");
        assertThat(page.locator("#users tr:has-text('ada') td").nth(2)).hasText("1.5");
        assertThat(page.locator(".facts")).containsText("1000");
        picture("queue-users");
    }

    @Test
    void itIsSaidInChineseAndFitsAPhone() {
        open(new Browser.NewContextOptions().setLocale("zh-CN").setViewportSize(390, 844));
        logIn("wei");
        held("default", 2, 30, 29);
        page.navigate("/queues/default");
        assertThat(page.locator("#usage")).containsText("GPU 使用历史");
        assertThat(page.locator("#history")).containsText("更早的情况未知");
        picture("queue-page-zh");
        assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(390);
        page.click("summary");
        assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(390);
    }

    @Test
    void aQueueThatIsNotThereIsSaidToBeMissing() {
        logIn("wei");
        assertThat(page.navigate("/queues/nowhere").status()).isEqualTo(404);
    }
}
