package io.shusuan.web.agent;

import io.shusuan.api.agent.AgentRegistry.Known;
import io.shusuan.api.agent.AgentReport;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An agent as people see it. When it was last heard is shown only of a lost one: otherwise the page would change with every report
 * though nothing has.
 */
public record AgentView(
        String id,
        String hostname,
        String version,
        Instant startedAt,
        @Nullable Instant lostSince,
        AgentReport.@Nullable TaskOfJob job,
        @Nullable String node,
        Map<String, String> endpoints,
        List<AgentReport.Device> devices,
        List<AgentReport.Backend> backends,
        List<ModelView> models) {

    /** A model of an agent. */
    public record ModelView(
            String name,
            String version,
            String state,
            @Nullable String reason,
            long requests,
            long errors,
            double perSecond,
            @Nullable LatencyView latency,
            List<AgentReport.GpuMemory> gpuMemory) {

        public boolean ready() {
            return "READY".equals(state);
        }

        /** In English notation in every language, as in metrics. */
        public String rate() {
            return String.format(Locale.ROOT, perSecond < 10 ? "%.1f" : "%.0f", perSecond);
        }

        public String errorShare() {
            return requests == 0 || errors == 0
                    ? "0"
                    : String.format(Locale.ROOT, "%.2f %%", 100.0 * errors / requests);
        }
    }

    public boolean lost() {
        return lostSince != null;
    }

    static AgentView of(Known known) {
        var report = known.report();
        return new AgentView(
                report.agentId().toString(),
                report.hostname(),
                report.version(),
                report.startedAt(),
                known.lost() ? known.lastSeen() : null,
                report.job(),
                report.node() == null ? null : report.node().name(),
                new TreeMap<>(report.endpoints()),
                report.devices(),
                report.backends(),
                report.models().stream().map(AgentView::model).toList());
    }

    private static ModelView model(AgentReport.Model model) {
        return new ModelView(
                model.name(),
                model.version(),
                model.state(),
                model.reason(),
                model.requestsTotal(),
                model.errorsTotal(),
                model.requestsPerSecond(),
                model.latency() == null ? null : LatencyView.of(model.latency()),
                model.gpuMemory());
    }
}
