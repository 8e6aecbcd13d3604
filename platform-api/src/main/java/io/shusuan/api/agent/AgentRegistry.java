package io.shusuan.api.agent;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/**
 * The agents that report here. Kept in memory: each report says everything anew, so after a restart the picture is whole
 * within one period. Bounded; an agent that has been silent for an hour is forgotten.
 */
@Service
public class AgentRegistry {

    /** After so long without a report an agent counts as lost. */
    public static final Duration LOST_AFTER = Duration.ofSeconds(15);

    private static final Duration FORGOTTEN_AFTER = Duration.ofHours(1);
    private static final int MAX_AGENTS = 10_000;

    /** Agents and models together, so that a few with very many models stay bounded too. */
    private static final long MAX_WEIGHT = 200_000;

    private final Clock clock;

    @GuardedBy("this")
    private final Map<UUID, Known> agents = new LinkedHashMap<>(16, 0.75f, true);

    AgentRegistry(Clock clock) {
        this.clock = clock;
    }

    /** An agent, what it said last and when. */
    public record Known(AgentReport report, Instant lastSeen, boolean lost) {}

    /** Takes a report in, unless an agent of that id belongs to another job. */
    synchronized boolean reported(AgentReport report) {
        var now = clock.instant();
        var known = agents.get(report.agentId());
        if (known != null && !Objects.equals(job(known.report()), job(report))) {
            return false;
        }
        agents.put(report.agentId(), new Known(report, now, false));
        // The map is in the order of the last report, so what is to go stands in front.
        var models = agents.values().stream().mapToLong(AgentRegistry::weight).sum();
        for (var oldest = agents.values().iterator(); oldest.hasNext(); ) {
            var agent = oldest.next();
            if (!agent.lastSeen().isBefore(now.minus(FORGOTTEN_AFTER))
                    && agents.size() <= MAX_AGENTS
                    && models <= MAX_WEIGHT) {
                break;
            }
            models -= weight(agent);
            oldest.remove();
        }
        return true;
    }

    private static @Nullable String job(AgentReport report) {
        return report.job() == null ? null : report.job().id();
    }

    private static long weight(Known agent) {
        return 1L + agent.report().models().size();
    }

    /** All agents, by host and start. */
    public synchronized List<Known> all() {
        var lostBefore = clock.instant().minus(LOST_AFTER);
        return agents.values().stream()
                .map(known -> new Known(
                        known.report(), known.lastSeen(), known.lastSeen().isBefore(lostBefore)))
                .sorted(Comparator.comparing((Known known) -> known.report().hostname())
                        .thenComparing(known -> known.report().startedAt()))
                .toList();
    }
}
