package io.shusuan.api.agent;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
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

    private final Clock clock;

    @GuardedBy("this")
    private final Map<UUID, Known> agents = new LinkedHashMap<>(16, 0.75f, true);

    AgentRegistry(Clock clock) {
        this.clock = clock;
    }

    /** An agent, what it said last and when. */
    public record Known(AgentReport report, Instant lastSeen, boolean lost) {}

    synchronized void reported(AgentReport report) {
        var now = clock.instant();
        agents.put(report.agentId(), new Known(report, now, false));
        agents.values().removeIf(known -> known.lastSeen().isBefore(now.minus(FORGOTTEN_AFTER)));
        if (agents.size() > MAX_AGENTS) {
            agents.remove(agents.keySet().iterator().next());
        }
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
