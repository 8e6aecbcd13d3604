package io.shusuan.api.testing;

import static org.awaitility.Awaitility.await;

import io.shusuan.api.security.Tokens;
import io.shusuan.api.security.UserAccounts;
import io.shusuan.db.identity.Role;
import io.shusuan.db.postgres.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** A test against the running platform. All such tests share one, so each makes its own users, queues and names. */
@SpringBootTest(classes = TestPlatform.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
public abstract class ApiTest {

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final TestDatabase DATABASE = TestDatabase.migrated();
    private static final URI SERVER = URI.create(DATABASE.jdbcUrl().substring("jdbc:".length()));

    /** The way to the database. */
    protected static final Relay LINE = Relay.to(SERVER.getPort());

    protected static final Path HOME = home();

    @LocalServerPort
    protected int port;

    @Autowired
    private Tokens tokens;

    @Autowired
    protected UserAccounts accounts;

    @DynamicPropertySource
    static void platform(DynamicPropertyRegistry registry) {
        DATABASE.register(registry);
        registry.add(
                "spring.datasource.url",
                () -> DATABASE.jdbcUrl()
                        .replace(SERVER.getHost() + ":" + SERVER.getPort(), "127.0.0.1:" + LINE.port()));
        registry.add("shusuan.home", HOME::toString);
    }

    private static Path home() {
        try {
            var home = Files.createTempDirectory("shusuan-api-test");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> Processes.killBelow(home)));
            return home;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    protected static String unique(String prefix) {
        return prefix + "-" + NUMBER.incrementAndGet();
    }

    protected URI address(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    protected Call call(String method, String path) {
        return new Call(method, address(path));
    }

    protected Answer get(String token, String path) {
        return call("GET", path).as(token).send();
    }

    protected Answer post(String token, String path) {
        return call("POST", path).as(token).send();
    }

    /** A token of a new user. */
    protected String user() {
        return tokenOf(newUser(Role.USER));
    }

    protected String admin() {
        return tokenOf(newUser(Role.ADMIN));
    }

    protected String newUser(Role role) {
        var name = unique("user");
        accounts.create(name, "correct horse battery", role);
        return name;
    }

    protected String tokenOf(String user) {
        return tokens.issue(user, "test", null).token();
    }

    /** A queue from which nothing is admitted. */
    protected String heldQueue() {
        var name = unique("held");
        var admin = admin();
        call("PUT", "/api/v1/queues/" + name).as(admin).send();
        post(admin, "/api/v1/queues/" + name + "/hold");
        return name;
    }

    protected Answer submit(String token, String yaml) {
        return call("POST", "/api/v1/jobs")
                .as(token)
                .body("application/yaml", yaml)
                .send();
    }

    /** The id of a job that has just been taken in. */
    protected String submitted(String token, String yaml) {
        var answer = submit(token, yaml);
        AnswerAssert.assertThat(answer).hasStatus(201);
        return answer.at("/id");
    }

    protected void awaitState(String token, String id, String state) {
        await().atMost(Duration.ofSeconds(40))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> get(token, "/api/v1/jobs/" + id).at("/state"), state::equals);
    }

    /** A job of one task that runs a command. */
    protected static String training(String name, String queue, String command) {
        return """
                jobName: %s
                kind: training
                queue: %s
                taskRoles:
                - name: main
                  taskNumber: 1
                  cpuNumber: 1
                  memoryMB: 64
                  command: |
                    %s
                  dockerImage: example/none:v1
                """.formatted(name, queue, command.indent(4).strip());
    }
}
