package io.shusuan.api.agent;

import io.shusuan.api.security.AgentTokens;
import io.shusuan.db.job.Job;
import io.shusuan.scheduler.job.TaskEnvironment;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Tells agents in inference jobs where to report, with a token that is good for that only. */
@Component
class ReportingEnvironment implements TaskEnvironment {

    private final AgentTokens tokens;
    private final String url;

    ReportingEnvironment(
            AgentTokens tokens, @Value("${shusuan.public-url:http://127.0.0.1:${server.port:8080}}") String url) {
        this.tokens = tokens;
        this.url = url;
    }

    @Override
    public Map<String, String> of(Job job) {
        return job.kind().serves()
                ? Map.of(
                        "SHUSUAN_AGENT_REPORT_URL",
                        url + "/api/v1/agents",
                        "SHUSUAN_AGENT_REPORT_TOKEN",
                        tokens.of(job.id()))
                : Map.of();
    }
}
