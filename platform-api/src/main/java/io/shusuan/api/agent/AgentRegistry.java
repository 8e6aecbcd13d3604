package io.shusuan.api.agent;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.shusuan.scheduler.job.JobChanged;
import io.swagger.v3.oas.annotations.media.Schema;
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
import org.springframework.transaction.event.TransactionalEventListener;

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

    /** All reports together, in characters and numbers: a report may be long, and whoever runs a job may send many. */
    private static final long MAX_WEIGHT = 32L << 20;

    private final Clock clock;

    @GuardedBy("this")
    private final Map<UUID, Known> agents = new LinkedHashMap<>(16, 0.75f, true);

    @GuardedBy("this")
    private long weight;

    AgentRegistry(Clock clock) {
        this.clock = clock;
    }

    /** An agent, what it said last and when. */
    @Schema(name = "Agent")
    public record Known(AgentReport report, Instant lastSeen, boolean lost) {}

    /** Takes a report in, unless an agent of that id belongs to another job. */
    synchronized boolean reported(AgentReport report) {
        var now = clock.instant();
        var known = agents.get(report.agentId());
        if (known != null && !Objects.equals(job(known.report()), job(report))) {
            return false;
        }
        agents.put(report.agentId(), new Known(report, now, false));
        weight += report.weight() - (known == null ? 0 : known.report().weight());
        // The map is in the order of the last report, so what is to go stands in front.
        for (var oldest = agents.values().iterator(); oldest.hasNext(); ) {
            var agent = oldest.next();
            if (!agent.lastSeen().isBefore(now.minus(FORGOTTEN_AFTER))
                    && agents.size() <= MAX_AGENTS
                    && weight <= MAX_WEIGHT) {
                break;
            }
            weight -= agent.report().weight();
            oldest.remove();
        }
        return true;
    }

    /** The agents of a job that has ended are not lost: they are gone. */
    @TransactionalEventListener
    synchronized void changed(JobChanged change) {
        if (!change.state().isFinal()) {
            return;
        }
        for (var each = agents.values().iterator(); each.hasNext(); ) {
            var report = each.next().report();
            if (change.job().toString().equals(job(report))) {
                weight -= report.weight();
                each.remove();
            }
        }
    }

    private static @Nullable String job(AgentReport report) {
        return report.job() == null ? null : report.job().id();
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
