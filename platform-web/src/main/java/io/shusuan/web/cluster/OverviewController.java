package io.shusuan.web.cluster;

import io.shusuan.db.job.JobSearch;
import io.shusuan.db.job.JobState;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterHealth;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.web.agent.Agents;
import io.shusuan.web.cluster.Overview.ClusterView;
import io.shusuan.web.cluster.Overview.Count;
import io.shusuan.web.live.LivePages;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** The first page. */
@Controller
class OverviewController {

    private static final int RECENT = 8;
    private static final int AGENTS = 6;

    /** In the order of a job's life. */
    private static final List<JobState> SHOWN = List.of(
            JobState.QUEUED,
            JobState.SUSPENDED,
            JobState.ADMITTED,
            JobState.STARTING,
            JobState.RUNNING,
            JobState.STOPPING);

    private final Cluster cluster;
    private final JobSearch search;
    private final HeldResources held;
    private final Agents agents;
    private final LivePages livePages;

    OverviewController(Cluster cluster, JobSearch search, HeldResources held, Agents agents, LivePages livePages) {
        this.cluster = cluster;
        this.search = search;
        this.held = held;
        this.agents = agents;
        this.livePages = livePages;
    }

    @GetMapping("/")
    String overview(Model model) {
        model.addAttribute("overview", read());
        return "overview";
    }

    @GetMapping("/live")
    SseEmitter live() {
        return livePages.open(
                job -> true, outlet -> outlet.fragment("overview", "overview :: live", Map.of("overview", read())));
    }

    private Overview read() {
        var active = search.activeByState();
        var counts = SHOWN.stream()
                .map(state -> new Count(state, active.getOrDefault(state, 0L)))
                .toList();
        return new Overview(
                cluster(),
                counts,
                search.find(JobSearch.Filter.ALL, null, RECENT).jobs(),
                agents.first(AGENTS));
    }

    private ClusterView cluster() {
        return switch (cluster.health()) {
            case ClusterHealth.Unreachable away ->
                new ClusterView(cluster.name(), null, away.why(), away.since(), 0, List.of());
            case ClusterHealth.Reachable well -> reachable(well.description());
        };
    }

    private ClusterView reachable(String description) {
        try {
            var capacity = cluster.capacity();
            return new ClusterView(
                    cluster.name(),
                    description,
                    null,
                    null,
                    capacity.nodes().size(),
                    Overview.bars(capacity, held.now()));
        } catch (ClusterUnavailableException justNow) {
            return new ClusterView(cluster.name(), description, justNow.getMessage(), null, 0, List.of());
        }
    }
}
