package io.shusuan.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import io.shusuan.api.queue.QueueBody;
import io.shusuan.db.identity.Role;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.sharing.SharingControl;
import java.nio.file.Files;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.json.JsonMapper;

/** What people do in the portal, and what they see then. */
class PortalTest extends PortalCase {

    @Autowired
    private SharingControl sharing;

    @Test
    void nothingIsShownBeforeLoggingIn() {
        page.navigate("/jobs");
        assertThat(page).hasURL(Pattern.compile("/login$"));
    }

    @Test
    void aWrongPasswordIsSaidSo() {
        page.navigate("/login");
        page.fill("#username", "root");
        page.fill("#password", "guess");
        page.click("form.card button");
        assertThat(page.locator(".flash-bad")).containsText("do not match");
    }

    @Test
    void tooManyWrongPasswordsAreAnsweredWithATime() {
        for (var tries = 0; tries < 6; tries++) {
            page.navigate("/login");
            page.fill("#username", "nobody");
            page.fill("#password", "guess");
            page.click("form.card button");
        }
        assertThat(page.locator(".flash-bad"))
                .hasText(Pattern.compile("Too many wrong passwords. Try again in \\d+ s."));
        page.navigate("/login?error&wait=<b>soon");
        assertThat(page.locator(".flash-bad")).containsText("do not match");
    }

    @Test
    void loggingInShowsTheOverviewAndLoggingOutSaysSo() {
        logIn("root");
        assertThat(page.locator(".cluster")).containsText("Healthy");
        page.click("details.menu summary");
        page.click("details.menu form button");
        assertThat(page.locator(".flash-good")).containsText("logged out");
    }

    @Test
    void aFaultIsMarkedOnItsLineAndTheTextStays() {
        logIn("wei");
        page.navigate("/jobs/new");
        page.fill("#text", "jobName: wrong\ntaskRoles:\n- name: main\n  taskNumbr: 1\n  command: 'true'\n");
        page.click("#check");
        assertThat(page.locator(".gutter .bad").first()).isVisible();
        assertThat(page.locator(".fault[data-line='4'] .suggestion")).hasText("taskNumber");
        assertThat(page.locator(".gutter span").nth(3)).hasClass("bad");

        page.click("#submit");
        assertThat(page.locator(".fault[data-line='4']").first()).isVisible();
        assertThat(page.locator("#text")).hasValue(Pattern.compile("taskNumbr: 1"));
    }

    @Test
    void aSubmittedJobEndsBeforeTheReadersEyes() {
        logIn("wei");
        page.navigate("/jobs/new?template=digits-train");
        page.fill(
                "#text",
                "jobName: quick\ntaskRoles:\n- name: main\n  taskNumber: 1\n  cpuNumber: 0.1\n  memoryMB: 64\n"
                        + "  gpuNumber: 0\n  command: echo done\n");
        page.click("#submit");
        page.waitForURL(Pattern.compile("/jobs/[0-9a-f-]{36}$"));
        assertThat(page.locator(".flash-note")).containsText("kind");
        assertThat(state()).hasText("Succeeded");
        assertThat(page.locator(".tasks .state")).hasText("Succeeded");
    }

    @Test
    void theListFollowsStatesWithoutReloading() {
        logIn("wei");
        var flag = HOME.resolve("go-on");
        var id = submit("wei", "waits-for-flag", "while [ ! -e %s ]; do sleep 0.1; done".formatted(flag));
        page.navigate("/jobs");
        page.evaluate("document.body.dataset.loaded = 'once'");
        var row = page.locator("[data-job='%s'] .state".formatted(id));
        assertThat(row).hasText("Running");
        write(flag);
        assertThat(row).hasText("Succeeded");
        assertThat(page.locator("body")).hasAttribute("data-loaded", "once");
    }

    @Test
    void outputIsFollowedEscapedAndColoured() {
        logIn("wei");
        var flag = HOME.resolve("second-line");
        var id = submit(
                "wei",
                "talks",
                "printf '\\033[31m<b>first</b>\\033[0m\\n'; while [ ! -e %s ]; do sleep 0.1; done; echo second"
                        .formatted(flag));
        page.navigate("/jobs/" + id);
        assertThat(state()).hasText("Running");
        page.navigate("/jobs/" + id + "?tab=logs");
        assertThat(page.locator("#log .line").first()).hasText("<b>first</b>");
        assertThat(page.locator("#log .f1")).hasText("<b>first</b>");
        write(flag);
        assertThat(page.locator("#log .line").nth(1)).hasText("second");
        assertThat(page.locator("#log-status")).hasText("End of output");
    }

    @Test
    void outputAppearsWhereThereWasNone() {
        logIn("wei");
        queues.create(new QueueName("slow"), "root");
        queues.become(new QueueName("slow"), QueueState.HELD, false, "root");
        var id = submit("wei", "begins-late", "echo here at last", 1, "slow");
        page.navigate("/jobs/" + id + "?tab=logs");
        assertThat(page.locator(".logs")).containsText("No output yet");
        queues.become(new QueueName("slow"), QueueState.OPEN, false, "root");
        assertThat(page.locator("#log .line").first()).hasText("here at last");
        assertThat(page.locator("#log-status")).hasText("End of output");
    }

    @Test
    void aPageThatNobodySeesGivesItsStreamBackAndIsTrueWhenSomebodyLooks() {
        logIn("wei");
        var flag = HOME.resolve("unseen");
        var id = submit("wei", "ends-unseen", "while [ ! -e %s ]; do sleep 0.1; done".formatted(flag));
        page.navigate("/jobs");
        var row = page.locator("[data-job='%s'] .state".formatted(id));
        assertThat(row).hasText("Running");
        look(false);
        write(flag);
        await().until(() -> jobs.find(JobId.parse(id)).orElseThrow().state() == JobState.SUCCEEDED);
        submit("wei", "came-unseen", "echo done");
        assertThat(row).hasText("Running");
        look(true);
        assertThat(row).hasText("Succeeded");
        assertThat(page.locator(".news")).containsText("newer job");
    }

    @Test
    void aJobOfVeryManyTasksStaysReadable() {
        logIn("wei");
        queues.create(new QueueName("never"), "root");
        queues.become(new QueueName("never"), QueueState.HELD, false, "root");
        var id = submit("wei", "legion", "echo one of many", 10_000, "never");
        page.navigate("/jobs/" + id);
        assertThat(page.locator(".tasks tbody")).hasCount(200);
        assertThat(page.locator(".tasks + .hint")).containsText("9,800 more");
        assertThat(page.content().length()).isLessThan(300_000);
    }

    @Test
    void stoppingIsAskedForOnceMore() {
        logIn("wei");
        var id = submit("wei", "endless", "sleep 1000");
        page.navigate("/jobs/" + id);
        assertThat(state()).hasText("Running");
        page.click("#stop");
        page.click("#stop-dialog .btn-danger");
        assertThat(state()).hasText("Stopped");
        assertThat(page.locator("#stop")).isDisabled();
    }

    @Test
    void theLanguageIsTheBrowsersUntilTheUserChoosesOne() {
        open(new Browser.NewContextOptions().setLocale("zh-CN"));
        logIn("wei");
        assertThat(page.locator(".sections")).containsText("作业");
        page.click(".language");
        assertThat(page.locator(".sections")).containsText("Jobs");

        open(new Browser.NewContextOptions().setLocale("zh-CN"));
        logIn("wei");
        assertThat(page.locator("html")).hasAttribute("lang", "en");
    }

    @Test
    void whatTheSchedulerSaysIsSaidInChinese() {
        open(new Browser.NewContextOptions().setLocale("zh-CN"));
        accounts.create("mei", PASSWORD, Role.USER);
        logIn("mei");
        var id = submit("mei", "told-in-chinese", "exit 3");
        page.navigate("/jobs/" + id + "?tab=events");
        assertThat(page.locator(".timeline")).containsText("mei 提交到队列 default");
        assertThat(page.locator("#head .because")).containsText("任务 main-0：以退出码 3 结束");
        page.navigate("/jobs/new");
        page.fill("#text", "jobName: wrong\ntaskRoles:\n- name: main\n  taskNumber: 0\n  command: 'true'\n");
        page.click("#check");
        assertThat(page.locator(".fault-message")).hasText("taskRoles[0].taskNumber 应为 1 到 10000 的整数，而不是 0");
    }

    @Test
    void theNodesShowWhoHasWhatOfThem() {
        var id = submit("wei", "on-a-node", "sleep 1000");
        await().until(() -> jobs.find(JobId.parse(id)).orElseThrow().state() == JobState.RUNNING);
        logIn("wei");
        page.click("nav >> text=Nodes");
        assertThat(page.locator(".node h2")).hasText("local");
        page.fill("[name=text]", "on-a-node");
        page.press("[name=text]", "Enter");
        assertThat(page.locator(".node-jobs a[href='/jobs/" + id + "']")).hasText("on-a-node");
        page.navigate("/nodes?text=nothing-has-this-name&page=99999999");
        assertThat(page.locator(".empty-state")).containsText("No such node");
    }

    @Test
    void anAdministratorIsAskedBeforeANodeIsDrainedOnWhichJobsAre() {
        var id = submit("wei", "in-the-way", "sleep 1000");
        await().until(() -> jobs.find(JobId.parse(id)).orElseThrow().state() == JobState.RUNNING);
        logIn("wei");
        page.navigate("/nodes");
        assertThat(page.locator(".node-modes")).hasCount(0);
        page.context().clearCookies();
        logIn("root");
        for (var address : List.of("/nodes?text=loc&page=0", "/nodes/local")) {
            page.navigate(address);
            page.click(".node-modes [value=DRAINING]");
            assertThat(page.getByText("Jobs have tasks on node local")).isVisible();
            page.click("#drain-node");
            assertThat(page.getByText("hold or stop the queues instead")).isVisible();
            assertThat(page).hasURL("http://127.0.0.1:" + port + address); // where it was asked for
        }
    }

    @Test
    void whatWasHeldIsSeenByQueueUserAndJobAndCanBeTakenAway() throws Exception {
        var id = submit("wei", "accounted", "exit 0");
        await().until(() -> jobs.find(JobId.parse(id)).orElseThrow().state() == JobState.SUCCEEDED);
        logIn("wei");
        page.click("nav >> text=Usage");
        assertThat(page.locator("table.list a[href='/jobs?queue=default']")).hasText("default");
        page.selectOption("[name=by]", "job");
        page.fill("[name=user]", "wei");
        page.click("form.filters .btn");
        assertThat(page.locator("table.list a[href='/jobs/" + id + "']")).hasText("accounted");
        assertThat(page.locator(".columns > span"))
                .hasCount(LocalDate.now(ZoneOffset.UTC).getDayOfMonth());
        var csv = page.waitForDownload(() -> page.click("text=Download as CSV"));
        assertThat(csv.suggestedFilename()).startsWith("usage-").endsWith(".csv");
        assertThat(Files.readString(csv.path()))
                .startsWith("job,name,jobs,gpu_hours")
                .contains(id);
        control.delete(JobId.parse(id));
        page.navigate("/usage?by=job&user=wei");
        assertThat(page.locator("table.list [title='" + id + "']")).hasText("accounted");
        assertThat(page.locator("table.list a[href='/jobs/" + id + "']")).hasCount(0);
        page.navigate("/usage?from=2026-02-02&to=2026-02-01");
        assertThat(page.locator(".flash-bad")).containsText("it ends on 2026-02-01, before its first day 2026-02-02");
    }

    @Test
    void aPhoneNeverScrollsSideways() {
        open(new Browser.NewContextOptions().setLocale("en-US").setViewportSize(390, 844));
        var id = submit("root", "a-name-that-is-as-long-as-the-names-of-real-jobs-tend-to-become", "sleep 1000");
        logIn("root");
        for (var path : new String[] {
            "/",
            "/jobs",
            "/jobs/new?template=digits-serve",
            "/jobs/" + id,
            "/jobs/" + id + "?tab=events",
            "/jobs/" + id + "?tab=logs",
            "/jobs/" + id + "?tab=spec",
            "/jobs/" + id + "?tab=metrics",
            "/agents",
            "/queues",
            "/nodes",
            "/usage",
            "/admin/queues/default/settings",
            "/tokens",
            "/password",
            "/admin/users"
        }) {
            page.navigate(path);
            var beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
            assertThat(((Number) beyond).intValue()).as(path).isZero();
        }
    }

    @Test
    void whomSettingsConcernIsSeenBeforeTheyAreSaved() {
        logIn("root");
        queues.create(new QueueName("divided"), "root");
        page.navigate("/queues");
        page.click("[href='/admin/queues/divided/settings']");
        page.fill("[name='default.nominal.cpus']", "0.1");
        page.check("[name='use.default']");
        page.click("#save");
        assertThat(page.locator("h1")).hasText("Queues");
        var first = submit("root", "has-its-share", "sleep 1000", 1, "divided");
        page.navigate("/jobs/" + first);
        assertThat(state()).hasText("Running");
        submit("root", "wants-more", "sleep 1000", 1, "divided");

        page.navigate("/admin/queues/divided/settings");
        assertThat(page.locator("[name='default.nominal.cpus']")).hasValue("0.1");
        page.fill("[name='default.nominal.cpus']", "0.2");
        page.click("#preview");
        assertThat(page.locator("#effects tbody tr"))
                .hasText(Pattern.compile("wants-more\\s*divided\\s*Waits\\s*Is admitted"));

        page.fill("[name='default.nominal.cpus']", "lots");
        page.click("#save");
        assertThat(page.locator("#outcome .flash-bad")).containsText("quotas[0].nominal.cpus");
        page.fill("[name='default.nominal.cpus']", "0.05");
        page.click("#save");
        assertThat(page.locator("#outcome .flash-bad")).containsText("queue divided uses 0.1 CPU and could have 0.05");
        page.click("#confirm");
        assertThat(page.locator("h1")).hasText("Queues");
        page.navigate("/admin/queues/divided/settings");
        assertThat(page.locator("[name='default.nominal.cpus']")).hasValue("0.05");
        page.navigate("/jobs/" + first);
        assertThat(state()).hasText("Running");
    }

    @Test
    void aQueueIsHandedOverInItsSettings() {
        logIn("root");
        queues.create(new QueueName("handed-over"), "root");
        page.navigate("/admin/queues/handed-over/settings");
        assertThat(page.locator("[name='delegate.scheduler']")).hasValue("");
        page.selectOption("[name='delegate.scheduler']", "KUEUE");
        page.click("#save");
        assertThat(page.locator("#outcome .flash-bad")).containsText("delegate.kueue.localQueue");
        page.fill("[name='delegate.queue']", "team-a");
        page.click("#save");
        assertThat(page.locator("#outcome .flash-bad")).containsText("there is no Kueue");

        sharing.change(
                QueueBody.read(
                        new QueueName("handed-over"),
                        new JsonMapper().readTree("{\"delegate\": {\"kueue\": {\"localQueue\": \"team-a\"}}}")),
                false,
                "root");
        page.navigate("/admin/queues/handed-over/settings");
        assertThat(page.locator("[name='delegate.scheduler']")).hasValue("KUEUE");
        assertThat(page.locator("[name='delegate.queue']")).hasValue("team-a");
        page.navigate("/queues");
        assertThat(page.locator("tr", new Page.LocatorOptions().setHasText("handed-over")))
                .containsText("handed to Kueue: team-a");
    }

    @Test
    void whatAUserMayNotDoIsDisabledAndSaysWhy() {
        var id = submit("root", "of-somebody-else", "sleep 1000");
        logIn("wei");
        assertThat(page.locator(".sections a[href='/admin/users']")).hasCount(0);
        page.navigate("/jobs/" + id);
        assertThat(page.locator("#stop")).isDisabled();
        assertThat(page.locator(".notyours")).containsText("belongs to root");
        page.navigate("/queues");
        assertThat(page.locator(".list button").first()).isDisabled();
        assertThat(page.locator(".with-why").first()).hasAttribute("title", "For administrators only");
        assertThat(page.navigate("/admin/users").status()).isEqualTo(403);
        assertThat(page.locator("h1")).hasText("This is not for you");
    }

    @Test
    void aUserChangesTheirPasswordAndAnAdministratorWhatTheyMayDo() {
        accounts.create("mei", PASSWORD, Role.USER);
        logIn("mei");
        page.navigate("/password");
        page.fill("[name=current]", "not my password");
        page.fill("[name=next]", "a new good password");
        page.click(".padded .btn-primary");
        assertThat(page.locator(".flash-bad")).containsText("the current password is another one");
        page.fill("[name=current]", PASSWORD);
        page.fill("[name=next]", "a new good password");
        page.click(".padded .btn-primary");
        assertThat(page.locator(".flash-good")).containsText("Your password is changed");
        assertThat(accounts.hasPassword("mei", "a new good password")).isTrue();

        open();
        logIn("root");
        page.navigate("/admin/users");
        page.click("[data-opens=edit-mei]");
        page.locator("#edit-mei [name=role]").selectOption("ADMIN");
        page.locator("#edit-mei [name=password]").fill(PASSWORD);
        page.locator("#edit-mei .btn-primary").click();
        assertThat(page.locator(".flash-good")).containsText("mei");
        open();
        logIn("mei");
        assertThat(page.locator(".sections a[href='/admin/users']")).hasCount(1);
    }

    @Test
    void whoeverFindsASessionOpenDoesNotFindOutItsPassword() {
        accounts.create("left-open", PASSWORD, Role.USER);
        logIn("left-open");
        page.navigate("/password");
        for (var attempt = 0; attempt < 6; attempt++) {
            page.fill("[name=current]", "guess number " + attempt);
            page.fill("[name=next]", "a new good password");
            page.click(".padded .btn-primary");
            assertThat(page.locator(".flash-bad")).isVisible();
        }
        assertThat(page.locator(".flash-bad")).containsText("too many wrong passwords: try again in");
        page.fill("[name=current]", PASSWORD);
        page.fill("[name=next]", "a new good password");
        page.click(".padded .btn-primary");
        assertThat(page.locator(".flash-bad")).containsText("too many wrong passwords");
        assertThat(accounts.hasPassword("left-open", PASSWORD)).isTrue();
    }

    @Test
    void aTokenIsShownOnce() {
        logIn("wei");
        page.navigate("/tokens");
        page.fill("[name=label]", "laptop");
        page.click(".padded .btn-primary");
        assertThat(page.locator("#issued")).hasText(Pattern.compile("shu_.{40,}"));
        page.reload();
        assertThat(page.locator("#issued")).hasCount(0);
        assertThat(page.locator(".list")).containsText("laptop");
    }
}
