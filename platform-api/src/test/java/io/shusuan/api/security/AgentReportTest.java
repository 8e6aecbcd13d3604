package io.shusuan.api.security;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.api.testing.Answer;
import io.shusuan.api.testing.ApiTest;
import io.shusuan.db.job.JobId;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

class AgentReportTest extends ApiTest {

    @Autowired
    AgentTokens agents;

    private final JobId job = JobId.next();

    private Answer report(String token, UUID agent, String job) {
        return call("POST", "/api/v1/agents")
                .as(token)
                .json("""
                        {"agentId": "%s", "hostname": "h", "version": "0.1.0", "startedAt": "2026-01-01T00:00:00Z",
                         "job": {"id": "%s", "role": "server", "task": 0}, "fromTheFuture": 1,
                         "models": [{"name": "digits", "version": "1", "state": "READY", "requestsTotal": 3,
                           "latency": {"bucketUpperBoundsMs": [1, 2], "counts": [1, 2, 0], "sumMs": 3.5}}]}
                        """.formatted(agent, job))
                .send();
    }

    @Test
    void reportsForItsOwnJob() {
        var agent = UUID.randomUUID();

        assertThat(report(agents.of(job), agent, job.toString())).hasStatus(204);

        assertThat(get(user(), "/api/v1/agents").text()).contains(agent.toString(), "digits");
    }

    @Test
    void doesNotReportForAnother() {
        var agent = UUID.randomUUID();
        var other = JobId.next();
        assertThat(report(agents.of(other), agent, other.toString())).hasStatus(204);

        assertThat(report(agents.of(job), UUID.randomUUID(), other.toString())).isProblem(403, "forbidden");
        assertThat(report(agents.of(job), agent, job.toString())).isProblem(403, "forbidden");
        assertThat(report(user(), agent, other.toString())).isProblem(403, "forbidden");
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/api/v1/agents",
        "GET,/api/v1/jobs",
        "POST,/api/v1/jobs",
        "GET,/serve/x/y",
        "POST,/api/v1/tokens",
        "GET,/actuator/prometheus",
        "GET,/v3/api-docs"
    })
    void doesNothingElse(String method, String path) {
        assertThat(call(method, path).as(agents.of(job)).send()).isProblem(403, "forbidden");
    }

    @Test
    void aTokenCannotBeMadeUp() {
        var token = agents.of(job);

        assertThat(report(token.replace(job.toString(), JobId.next().toString()), UUID.randomUUID(), job.toString()))
                .isProblem(401, "unauthenticated");
        assertThat(report(token.substring(0, token.length() - 1), UUID.randomUUID(), job.toString()))
                .isProblem(401, "unauthenticated");
        assertThat(agents.of(job)).isEqualTo(token);
    }
}
