package io.shusuan.api.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.api.testing.ApiTest;
import io.shusuan.db.job.JobId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

class AgentRegistryTest extends ApiTest {

    @Autowired
    AgentRegistry registry;

    @Autowired
    JdbcClient jdbc;

    private final String host = unique("agent-host");

    @AfterEach
    void forget() {
        jdbc.sql("delete from agent_reports where hostname = ?").param(host).update();
    }

    private AgentReport report(UUID agent, @Nullable JobId job, String reason) {
        return new AgentReport(
                agent,
                host,
                "0.1.0",
                Instant.parse("2026-01-01T00:00:00Z"),
                job == null ? null : new AgentReport.TaskOfJob(job.toString(), "server", 0),
                null,
                Map.of(),
                List.of(),
                List.of(),
                List.of(new AgentReport.Model("digits", "1", "UNAVAILABLE", reason, 0, 0, 0, null, List.of())));
    }

    private List<AgentReport> here() {
        return registry.all().stream()
                .map(AgentRegistry.Known::report)
                .filter(each -> each.hostname().equals(host))
                .toList();
    }

    @Test
    void longReportsPushOutTheOldestOnes() {
        var first = report(UUID.randomUUID(), JobId.next(), "small");
        registry.reported(first);
        for (var i = 0; i < 100; i++) {
            registry.reported(report(UUID.randomUUID(), JobId.next(), "x".repeat(1_000_000)));
        }

        assertThat(here()).hasSizeBetween(60, 82).doesNotContain(first);
    }

    @Test
    void theSameAgentIsCountedOnceAndSpeaksForItsJobOnly() {
        var job = JobId.next();
        var other = report(UUID.randomUUID(), JobId.next(), "small");
        var large = report(UUID.randomUUID(), job, "x".repeat(1_000_000));
        registry.reported(other);
        for (var i = 0; i < 100; i++) {
            registry.reported(large);
        }

        assertThat(here()).containsExactlyInAnyOrder(other, large);
        assertThat(registry.of(job)).extracting(AgentRegistry.Known::report).containsExactly(large);
        assertThat(registry.reported(report(large.agentId(), JobId.next(), "mine")))
                .isFalse();
        assertThat(here()).contains(large);
    }

    @Test
    void whatPeopleWriteComesBackAsItIs() {
        var odd = report(UUID.randomUUID(), null, "half of a 😀: \ud83d, nothing: \0, 模型");

        registry.reported(odd);

        assertThat(here()).containsExactly(odd);
    }

    @Test
    void theAgentsOfAJobThatHasEndedAreGone() {
        var user = user();
        var ended = JobId.parse(submitted(user, training(unique("ends"), heldQueue(), "true")));
        var running = report(UUID.randomUUID(), JobId.next(), "fine");
        registry.reported(report(UUID.randomUUID(), ended, "fine"));
        registry.reported(running);
        assertThat(here()).hasSize(2);

        post(user, "/api/v1/jobs/" + ended + "/stop");
        awaitState(user, ended.toString(), "STOPPED");

        assertThat(here()).containsExactly(running);
    }

    @Test
    void whoIsSilentIsLostAndAfterAnHourForgotten() {
        registry.reported(report(UUID.randomUUID(), null, "fine"));
        jdbc.sql("update agent_reports set reported_at = now() - interval '20 seconds' where hostname = ?")
                .param(host)
                .update();
        assertThat(registry.all().stream()
                        .filter(each -> each.report().hostname().equals(host)))
                .singleElement()
                .satisfies(agent -> assertThat(agent.lost()).isTrue());

        jdbc.sql("update agent_reports set reported_at = now() - interval '2 hours' where hostname = ?")
                .param(host)
                .update();
        assertThat(here()).isEmpty();
    }
}
