package io.shusuan.api.agent;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shusuan.api.security.AgentTokens;
import io.shusuan.api.security.Tokens;
import io.shusuan.api.security.UserAccounts;
import io.shusuan.api.testing.Answer;
import io.shusuan.api.testing.Call;
import io.shusuan.api.testing.ReplicaProcess;
import io.shusuan.db.identity.Role;
import io.shusuan.db.postgres.TestDatabase;
import io.shusuan.scheduler.idle.IdleLoop;
import io.shusuan.scheduler.job.Lease;
import io.shusuan.scheduler.node.NodeHealth;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Two replicas on one database: agents report to whichever, and both tell the same. */
class TwoReplicasTest {

    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final String LOST =
            "{\"index\": 1, \"faults\": [{\"kind\": \"LOST\", \"since\": \"2026-01-01T00:00:00Z\"}]}";

    @TempDir
    Path home;

    private String token = "";
    private String nodes = "";

    private static Call call(String method, int port, String path) {
        return new Call(method, URI.create("http://127.0.0.1:%d%s".formatted(port, path)));
    }

    private Answer get(int port, String path) {
        return call("GET", port, path).as(token).send();
    }

    private Answer send(String method, int port, String path, String body) {
        return call(method, port, path).as(token).json(body).send();
    }

    private void report(int port, String gpus) {
        assertThat(call("POST", port, "/api/v1/agents")
                        .as(nodes)
                        .json("""
                                {"agentId": "0c0e4b8e-55a3-4f0e-9a59-2f7b3a0d1c33", "hostname": "h", "version": "0.1.0",
                                 "startedAt": "2026-01-01T00:00:00Z", "node": {"name": "local", "gpus": [%s]}}
                                """.formatted(gpus))
                        .send())
                .hasStatus(204);
    }

    private static String idle(Instant since) {
        return "{\"index\": 0, \"utilization\": 0, \"idleSince\": \"%s\"}".formatted(since);
    }

    private void policy(int port, String action) {
        assertThat(send("PUT", port, "/api/v1/queues/team", """
                        {"idle": {"action": "%s", "afterSeconds": 600, "graceSeconds": 0}}""".formatted(action)))
                .hasStatus(200);
    }

    private String submit(int port) {
        var answer = call("POST", port, "/api/v1/jobs")
                .as(token)
                .body("application/yaml", """
                        jobName: idler
                        queue: team
                        kind: training
                        taskRoles:
                        - {name: main, taskNumber: 1, cpuNumber: 1, memoryMB: 64, gpuNumber: 1, command: exec sleep 1000}
                        """)
                .send();
        assertThat(answer).hasStatus(201);
        return answer.at("/id");
    }

    private void awaitState(int port, String job, String state) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> get(port, "/api/v1/jobs/" + job).at("/state"), state::equals);
    }

    private void logIn(ConfigurableApplicationContext replica) {
        replica.getBean(UserAccounts.class).create("root", "correct horse battery", Role.ADMIN);
        token = replica.getBean(Tokens.class).issue("root", "test", null).token();
        nodes = replica.getBean(AgentTokens.class).ofNodes();
    }

    @Test
    void whatOneHearsTheOtherActsOnAndTellsAndWhenOneIsKilledTheOtherGoesOn() throws Exception {
        try (var database = TestDatabase.migrated()) {
            var settings = ReplicaProcess.settings(database, home, 1);
            try (var leads = ReplicaProcess.start(settings);
                    var other = ReplicaProcess.startHere(settings)) {
                logIn(other);
                var jdbc = other.getBean(JdbcClient.class);
                int follower = ReplicaProcess.port(other);
                assertThat(other.getBean(Lease.class).isHeld()).isFalse();
                policy(follower, "WARN");
                var job = submit(follower);
                awaitState(leads.port(), job, "RUNNING");
                jdbc.sql("update jobs set started_at = now() - interval '2 hours'")
                        .update();

                var anHourAgo = Instant.now().minus(Duration.ofHours(1));
                report(follower, idle(anHourAgo));
                leads.looksAfterIdleGpus();

                assertThat(get(follower, "/api/v1/jobs/" + job).at("/idle/message"))
                        .contains("its 1 GPU(s) on local have done nothing for");
                assertThat(get(leads.port(), "/api/v1/agents").text())
                        .contains("\"idleSince\"")
                        .isEqualTo(get(follower, "/api/v1/agents").text());
                faultsStandWhoeverIsTold(leads.port(), follower, other.getBean(NodeHealth.class));

                leads.kill();
                policy(follower, "STOP");
                await().atMost(PATIENCE).until(() -> other.getBean(Lease.class).isHeld());
                assertThat(get(follower, "/api/v1/agents").text()).contains("\"local\"");
                report(follower, idle(anHourAgo));
                await().atMost(PATIENCE).until(() -> {
                    other.getBean(IdleLoop.class).run(); // warns that it stops it now, and stops it
                    return get(follower, "/api/v1/jobs/" + job).at("/state").equals("STOPPED");
                });
                assertThat(get(follower, "/api/v1/jobs/" + job).at("/reason")).isEqualTo("StoppedIdle");
            }
        }
    }

    private void faultsStandWhoeverIsTold(int one, int other, NodeHealth health) {
        report(one, LOST);
        assertThat(health.standing()).containsKey("local");
        report(other, "");
        assertThat(health.standing()).isEmpty();
        report(one, LOST);
        assertThat(health.standing()).containsKey("local");
        report(other, "");
    }
}
