package io.shusuan.api.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.scheduler.job.JobChanged;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class AgentRegistryTest {

    private final AgentRegistry registry = new AgentRegistry(Clock.systemUTC());

    private static AgentReport report(JobId job, String reason) {
        return new AgentReport(
                UUID.randomUUID(),
                "host",
                "0.1.0",
                Instant.now(),
                new AgentReport.TaskOfJob(job.toString(), "server", 0),
                null,
                Map.of(),
                List.of(),
                List.of(),
                List.of(new AgentReport.Model("digits", "1", "UNAVAILABLE", reason, 0, 0, 0, null, List.of())));
    }

    @Test
    void longReportsPushOutTheOldestOnes() {
        var first = report(JobId.next(), "small");
        registry.reported(first);
        for (var i = 0; i < 100; i++) {
            registry.reported(report(JobId.next(), "x".repeat(1_000_000)));
        }

        assertThat(registry.all())
                .hasSizeBetween(20, 40)
                .noneMatch(known -> known.report().equals(first));
    }

    @Test
    void theSameAgentIsCountedOnce() {
        var job = JobId.next();
        var other = report(JobId.next(), "small");
        var large = report(job, "x".repeat(1_000_000));
        registry.reported(other);
        for (var i = 0; i < 100; i++) {
            registry.reported(large);
        }

        assertThat(registry.all()).extracting(AgentRegistry.Known::report).containsExactlyInAnyOrder(other, large);
    }

    @Test
    void theAgentsOfAJobThatHasEndedAreGone() {
        var ended = JobId.next();
        var running = report(JobId.next(), "fine");
        registry.reported(report(ended, "fine"));
        registry.reported(running);

        registry.changed(new JobChanged(ended, JobState.STOPPING));
        assertThat(registry.all()).hasSize(2);

        registry.changed(new JobChanged(ended, JobState.STOPPED));
        assertThat(registry.all()).extracting(AgentRegistry.Known::report).containsExactly(running);
    }
}
