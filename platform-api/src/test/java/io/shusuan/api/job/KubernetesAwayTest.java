package io.shusuan.api.job;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shusuan.api.security.Tokens;
import io.shusuan.api.security.UserAccounts;
import io.shusuan.api.testing.Answer;
import io.shusuan.api.testing.Call;
import io.shusuan.api.testing.Relay;
import io.shusuan.api.testing.TestPlatform;
import io.shusuan.db.identity.Role;
import io.shusuan.db.postgres.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** A platform on a real API server that goes away. */
@SpringBootTest(
        classes = TestPlatform.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "shusuan.cluster=kubernetes",
            "shusuan.kubernetes.platform=away-test",
            "shusuan.kubernetes.namespace=default",
            "shusuan.kubernetes.request-timeout=3s"
        })
@DirtiesContext
@EnabledIfEnvironmentVariable(named = "SHUSUAN_TEST_KUBECONFIG", matches = ".+")
class KubernetesAwayTest {

    private static final Matcher SERVER = server();
    private static final Relay LINE =
            Relay.to(new InetSocketAddress(SERVER.group(1), Integer.parseInt(SERVER.group(2))));

    @TempDir
    static Path folder;

    @LocalServerPort
    private int port;

    @Autowired
    private Tokens tokens;

    @Autowired
    private UserAccounts accounts;

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry registry) throws IOException {
        TestDatabase.migrated().register(registry);
        Path kubeconfig =
                Files.writeString(folder.resolve("kubeconfig"), SERVER.replaceAll("https://127.0.0.1:" + LINE.port()));
        registry.add("shusuan.kubernetes.kubeconfig", kubeconfig::toString);
        registry.add("shusuan.home", folder::toString);
    }

    private static Matcher server() {
        try {
            Matcher server = Pattern.compile("https://([^\",} :\\n]+):(\\d+)")
                    .matcher(Files.readString(Path.of(System.getenv("SHUSUAN_TEST_KUBECONFIG"))));
            assertThat(server.find()).isTrue();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Call call(String token, String method, String path) {
        return new Call(method, URI.create("http://127.0.0.1:" + port + path)).as(token);
    }

    @Test
    void logsAreRefusedLikeAllElseAndFiguresAreTold() {
        accounts.create("ada", "correct horse battery", Role.ADMIN);
        var admin = tokens.issue("ada", "test", null).token();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> call(admin, "GET", "/api/v1/cluster").send().at("/reachable"), "true"::equals);
        Answer taken = call(admin, "POST", "/api/v1/jobs")
                .body("application/yaml", """
                jobName: asked-for-its-log
                kind: training
                taskRoles:
                - name: main
                  taskNumber: 1
                  cpuNumber: 0.1
                  memoryMB: 64
                  command: "true"
                  dockerImage: 127.0.0.1:1/none:1
                """)
                .send();
        assertThat(taken).hasStatus(201);
        var job = "/api/v1/jobs/" + taken.at("/id");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> call(admin, "GET", job + "/logs?tail=2").send().status() == 200);

        LINE.cut();

        assertThat(call(admin, "GET", job + "/logs?tail=2").send()).isProblem(503, "cluster-unreachable");
        LINE.mend();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> call(admin, "GET", job + "/logs?tail=2").send().status() == 200);
        var figures = call(admin, "GET", "/actuator/prometheus").send();
        assertThat(figures).hasStatus(200);
        assertThat(figures.text()).contains("shusuan_cluster_calls_seconds_bucket", "shusuan_kubernetes_calls_seconds");

        call(admin, "POST", job + "/stop").send();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> call(admin, "DELETE", job).send().status() < 300);
    }
}
