package io.shusuan.api.agent;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.api.security.AgentTokens;
import io.shusuan.api.security.Caller;
import io.shusuan.scheduler.node.NodeHealth;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.security.Principal;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Where agents report, and where one can see them. */
@RestController
@RequestMapping("/api/v1/agents")
@Tag(name = "Agents", description = "Runtime agents and the models they serve")
class AgentController {

    private static final int MAX_MODELS = 10_000;

    private static final Pattern UUID_TEXT = Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

    private final AgentRegistry registry;
    private final NodeHealth health;
    private final AgentTokens tokens;

    AgentController(AgentRegistry registry, NodeHealth health, AgentTokens tokens) {
        this.registry = registry;
        this.health = health;
        this.tokens = tokens;
    }

    @PostMapping
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Report as an agent", description = "With a token for agents; every 5 seconds.")
    void report(@RequestBody AgentReport report, Principal principal) {
        if (report.agentId() == null
                || report.hostname() == null
                || report.version() == null
                || report.startedAt() == null) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST, "a report needs agentId, hostname, version and startedAt");
        }
        if (report.models().size() > MAX_MODELS) {
            throw new ProblemException(ProblemKind.BAD_REQUEST, "more than %d models".formatted(MAX_MODELS));
        }
        if (!report.isNamed()) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST,
                    "each model needs name, version and state, each backend a name, each device a kind");
        }
        check(report);
        var caller = Caller.of(principal);
        if (report.node() != null) {
            checkNode(report, report.node(), caller);
        } else if (!caller.admin()
                && (report.job() == null || !Objects.equals(report.job().id(), caller.name()))) {
            throw new ProblemException(
                    ProblemKind.FORBIDDEN, "this token speaks for job %s only".formatted(caller.name()));
        }
        if (!registry.reported(report)) {
            throw new ProblemException(
                    ProblemKind.FORBIDDEN, "agent %s reports for another job".formatted(report.agentId()));
        }
        if (report.node() != null) {
            health.reported(report.node().name(), report.node().faults());
        }
    }

    /** What the database would not take. */
    private static void check(AgentReport report) {
        if (!NodeReportCheck.isName(report.hostname())) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST,
                    "hostname must have 1 to 253 characters, none of them a control character");
        }
        if (!NodeReportCheck.isTime(report.startedAt())) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST,
                    "startedAt is %s; it is between 1970 and 9999".formatted(report.startedAt()));
        }
        var job = report.job();
        if (job != null && !UUID_TEXT.matcher(job.id()).matches()) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST,
                    "job.id must be the id of a job, such as 0198c0de-0000-7000-8000-000000000000");
        }
    }

    private static void checkNode(AgentReport report, NodeReport node, Caller caller) {
        if (!caller.admin() && !caller.name().equals(AgentTokens.NODES)) {
            throw new ProblemException(
                    ProblemKind.FORBIDDEN,
                    "this token speaks for job %s and for no node: nodes report with the token that POST /api/v1/agents/node-token gives"
                            .formatted(caller.name()));
        }
        if (report.job() != null) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST, "a report is of a node or of a job's task, not of both");
        }
        var problems = NodeReportCheck.problems(node);
        if (!problems.isEmpty()) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST,
                    "the report of the node has %d mistake(s): %s".formatted(problems.size(), problems.getFirst()),
                    problems);
        }
    }

    @PostMapping("/node-token")
    @Operation(
            summary = "The token with which node agents report",
            description = "For administrators. It is the same each time, and good for nothing else.")
    NodeToken nodeToken(Principal principal) {
        Caller.of(principal).requireAdmin("the token of node agents");
        return new NodeToken(tokens.ofNodes());
    }

    @Schema(name = "NodeToken")
    record NodeToken(String token) {}

    @GetMapping
    @Operation(summary = "All agents that reported within the last hour; lost ones are marked")
    List<AgentRegistry.Known> list() {
        return registry.all();
    }
}
