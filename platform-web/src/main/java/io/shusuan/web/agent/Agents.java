package io.shusuan.web.agent;

import io.shusuan.api.agent.AgentRegistry;
import io.shusuan.db.job.JobId;
import java.util.List;
import org.springframework.stereotype.Component;

/** The agents as pages show them, all or those of one job. */
@Component
public class Agents {

    private final AgentRegistry registry;

    Agents(AgentRegistry registry) {
        this.registry = registry;
    }

    public List<AgentView> all() {
        return registry.all().stream().map(AgentView::of).toList();
    }

    public List<AgentView> first(int agents) {
        return registry.first(agents).stream().map(AgentView::of).toList();
    }

    public List<AgentView> of(JobId job) {
        return registry.of(job).stream().map(AgentView::of).toList();
    }
}
