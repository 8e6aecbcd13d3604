package io.shusuan.web;

import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.shusuan.api.security.UserAccounts;
import io.shusuan.db.identity.Role;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import io.shusuan.db.postgres.TestDatabase;
import io.shusuan.scheduler.job.JobControl;
import io.shusuan.scheduler.job.QueueControl;
import io.shusuan.scheduler.job.Submission;
import io.shusuan.scheduler.job.Submissions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.util.FileSystemUtils;

/** The whole platform in a real browser, for tests that use it: as an administrator called root, and as a user called wei. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "shusuan.cluster=local",
            "shusuan.local.cpus=8",
            "shusuan.local.memory-mb=8192",
            "shusuan.local.gpus=0"
        })
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@DirtiesContext
abstract class PortalCase {

    private static final TestDatabase DATABASE = TestDatabase.migrated();
    static final String PASSWORD = "correct horse battery";

    static final Path HOME = temporaryFolder();

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry registry) {
        DATABASE.register(registry);
        registry.add("shusuan.home", HOME::toString);
    }

    @LocalServerPort
    int port;

    @Autowired
    UserAccounts accounts;

    @Autowired
    Submissions submissions;

    @Autowired
    JobControl control;

    @Autowired
    Jobs jobs;

    @Autowired
    QueueControl queues;

    private Chromium chromium;
    private BrowserContext context;
    Page page;

    @BeforeAll
    void start() {
        chromium = Chromium.startOrSkip();
        accounts.create("root", PASSWORD, Role.ADMIN);
        accounts.create("wei", PASSWORD, Role.USER);
    }

    /** Tasks of the local cluster outlive the platform: none is left behind. */
    @AfterAll
    void stop() throws IOException {
        jobs.idsIn(JobState.ACTIVE).forEach(id -> control.stop(new JobId(id), "the test"));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> jobs.idsIn(JobState.ACTIVE).isEmpty());
        if (chromium != null) {
            chromium.close();
        }
        FileSystemUtils.deleteRecursively(HOME);
    }

    @BeforeEach
    final void open() {
        open(new Browser.NewContextOptions().setLocale("en-US").setViewportSize(1280, 800));
    }

    final void open(Browser.NewContextOptions options) {
        if (context != null) {
            context.close();
        }
        context = chromium.browser().newContext(options.setBaseURL("http://127.0.0.1:" + port));
        context.setDefaultTimeout(20_000);
        page = context.newPage();
    }

    @AfterEach
    void close(TestInfo test) {
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(Path.of("target/screenshots/%s.png"
                        .formatted(test.getDisplayName().replaceAll("\\W", "")))));
        context.close();
    }

    void logIn(String user) {
        page.navigate("/login");
        page.fill("#username", user);
        page.fill("#password", PASSWORD);
        page.click("form.card button");
        page.waitForURL("**/");
    }

    String submit(String owner, String name, String command) {
        return submit(owner, name, command, 1, "default");
    }

    String submit(String owner, String name, String command, int tasks, String queue) {
        var text = """
                jobName: %s
                kind: training
                queue: %s
                taskRoles:
                - name: main
                  taskNumber: %d
                  cpuNumber: 0.1
                  memoryMB: 64
                  gpuNumber: 0
                  command: %s
                """.formatted(name, queue, tasks, command);
        return submitText(owner, text);
    }

    String submitText(String owner, String text) {
        return submissions
                .submit(new Submission(text.getBytes(StandardCharsets.UTF_8), "application/yaml", owner, null))
                .id()
                .toString();
    }

    Locator state() {
        return page.locator("#head .state");
    }

    /** As when somebody turns to another tab, or comes back. */
    void look(boolean visible) {
        page.evaluate("""
                hidden => {
                  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
                  document.dispatchEvent(new Event('visibilitychange'));
                }""", !visible);
    }

    static void write(Path flag) {
        try {
            Files.createFile(flag);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("shusuan-portal-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
