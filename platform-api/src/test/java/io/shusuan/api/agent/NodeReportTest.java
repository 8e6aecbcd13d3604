package io.shusuan.api.agent;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.api.security.AgentTokens;
import io.shusuan.api.testing.Answer;
import io.shusuan.api.testing.ApiTest;
import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.node.GpuFault;
import io.shusuan.scheduler.node.NodeHealth;
import io.shusuan.scheduler.node.StandingFault;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

/** What agents of nodes tell over HTTP. */
class NodeReportTest extends ApiTest {

    private static final String FAULT = "{\"kind\": \"FATAL_XID\", \"xid\": 79, \"since\": \"2026-01-01T00:00:00Z\"}";

    @Autowired
    AgentTokens tokens;

    @Autowired
    NodeHealth health;

    private final UUID agent = UUID.randomUUID();
    private final String node = unique("gpu-node");

    private Answer report(String token, String gpus) {
        return report(token, "\"name\": \"%s\", \"gpus\": [%s]".formatted(node, gpus), "null");
    }

    private Answer report(String token, String fields, String job) {
        return call("POST", "/api/v1/agents")
                .as(token)
                .json("""
                        {"agentId": "%s", "hostname": "h", "version": "0.1.0", "startedAt": "2026-01-01T00:00:00Z", "job": %s,
                         "endpoints": {"http": null, "grpc": null, "metrics": "10.1.2.3:8002"}, "node": {%s}}
                        """.formatted(agent, job, fields))
                .send();
    }

    private List<GpuFault> standing() {
        return health.standing().getOrDefault(node, List.of()).stream()
                .map(StandingFault::fault)
                .toList();
    }

    @Test
    void theTokenOfNodesIsForAdministratorsToGiveAndTheSameEachTime() {
        assertThat(post(user(), "/api/v1/agents/node-token")).isProblem(403, "forbidden");
        var given = post(admin(), "/api/v1/agents/node-token");

        assertThat(given).hasStatus(200);
        assertThat(given.at("/token")).isEqualTo(tokens.ofNodes());
        assertThat(report(tokens.ofNodes(), "{\"index\": 0, \"uuid\": \"GPU-1\", \"utilization\": 97}"))
                .hasStatus(204);
        assertThat(get(user(), "/api/v1/agents").text()).contains(node, "GPU-1", "\"utilization\":97");
        assertThat(get(tokens.ofNodes(), "/api/v1/jobs")).isProblem(403, "forbidden");
    }

    @Test
    void aJobsAgentTellsOfNoNode() {
        var job = JobId.next();

        assertThat(report(tokens.of(job), "{\"index\": 0}"))
                .isProblem(403, "forbidden")
                .says("POST /api/v1/agents/node-token");
        assertThat(report(tokens.ofNodes(), "\"name\": \"n\"", "{\"id\": \"%s\"}".formatted(job)))
                .isProblem(400, "bad-request")
                .says("not of both");
    }

    @Test
    void aFaultStandsAsLongAsItIsTold() {
        report(tokens.ofNodes(), "{\"index\": 3, \"faults\": [%s]}".formatted(FAULT));
        assertThat(standing())
                .containsExactly(
                        new GpuFault("GPU 3", GpuFault.Kind.FATAL_XID, 79, Instant.parse("2026-01-01T00:00:00Z")));
        assertThat(standing().getFirst().sentence()).isEqualTo("GPU 3 had a fatal error of the driver (XID 79)");

        report(tokens.ofNodes(), "{\"index\": 3, \"faults\": [%s]}".formatted(FAULT.replace("2026", "2027")));
        assertThat(standing()).hasSize(1);

        report(tokens.ofNodes(), "{\"index\": 3, \"faults\": []}");
        assertThat(standing()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"index": 0, "utilization": 101}                       | node.gpus[0].utilization is 101; it is from 0 to 100
            {"index": -1}                                          | node.gpus[0].index is -1; it is from 0 to 1024
            {"index": 0}, {"index": 0}                             | node.gpus[1].index is 0, which another GPU has
            {"index": 0, "memoryBytes": -5}                        | node.gpus[0].memoryBytes is -5; it is 0 or more
            {"index": 0, "uuid": "GPU-\\u0000", "faults": []}    | node.gpus[0].uuid must have 1 to 253 characters, none of them a control character
            {"index": 0, "temperature": 5000}                      | node.gpus[0].temperature is 5000; it is from -100 to 300
            {"index": 0, "faults": [{"kind": "TIRED", "since": "2026-01-01T00:00:00Z"}]} | faults[0].kind is 'TIRED'; there are [FATAL_XID,
            {"index": 0, "faults": [{"kind": "LOST"}]}             | node.gpus[0].faults[0].since is missing
            {"index": 0, "idleSince": "+12026-01-01T00:00:00Z"}    | node.gpus[0].idleSince is +12026-01-01T00:00:00Z; it is between 1970 and 9999
            {"index": 0, "processes": [{"pid": 0}]}                | node.gpus[0].processes[0].pid is 0; it is 1 or more
            ], "engines": [{"model": "m", "version": 1, "architecture": "sm_90", "state": "TIRED"} | node.engines[0].state is 'TIRED'; there are [READY,
            ], "engines": [{"version": 1, "architecture": "sm_90", "state": "READY"} | node.engines[0] must have a model and an architecture
            """)
    void whatIsWrongIsSaidWithItsPlace(String gpus, String said) {
        assertThat(report(tokens.ofNodes(), gpus))
                .isProblem(400, "bad-request")
                .says("1 mistake(s)")
                .says(said);
        assertThat(get(user(), "/api/v1/agents").text()).doesNotContain(node);
    }

    @Test
    void whatNoDatabaseTakesIsRefused() {
        var fields = "\"name\": \"%s\"".formatted(node);
        assertThat(report(admin(), fields, "{\"id\": \"detector\"}")).says("job.id must be the id of a job");
        var report = "{\"agentId\": \"%s\", \"hostname\": \"%s\", \"version\": \"1\", \"startedAt\": \"%s\"}";
        assertThat(call("POST", "/api/v1/agents")
                        .as(admin())
                        .json(report.formatted(agent, "a\\u0000b", "2026-01-01T00:00:00Z"))
                        .send())
                .isProblem(400, "bad-request")
                .says("hostname must have");
        assertThat(call("POST", "/api/v1/agents")
                        .as(admin())
                        .json(report.formatted(agent, "h", "-0001-01-01T00:00:00Z"))
                        .send())
                .isProblem(400, "bad-request")
                .says("startedAt is");
    }

    @Test
    void aNodeNeedsAName() {
        assertThat(report(tokens.ofNodes(), "\"gpus\": []", "null"))
                .isProblem(400, "bad-request")
                .says("node.name must have 1 to 253 characters");
        assertThat(report(tokens.ofNodes(), "\"name\": \"n\\u0000\"", "null"))
                .isProblem(400, "bad-request")
                .says("none of them a control character");
        assertThat(report(tokens.ofNodes(), "\"name\": \"n\", \"cpuUtilization\": 7", "null"))
                .says("node.cpuUtilization is 7.0; it is from 0 to 1");
    }
}
