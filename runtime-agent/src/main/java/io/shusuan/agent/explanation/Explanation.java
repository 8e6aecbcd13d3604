package io.shusuan.agent.explanation;

import io.shusuan.agent.inference.BatchRun;
import io.shusuan.agent.inference.InferenceRequest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request, ended.
 *
 * @param version what was asked for; 0 stands for the newest
 * @param queue where it waited; null when it was refused before
 * @param run the execution it was part of; null when it never ran
 */
public record Explanation(
        String id,
        String model,
        long version,
        Instant received,
        @Nullable String queue,
        long priority,
        @Nullable BatchRun run,
        Phases phases,
        Outcome outcome) {

    static Explanation of(InferenceRequest request, long firstResponse, Outcome outcome, Instant now) {
        var phases = Phases.of(request.timing(), firstResponse);
        return new Explanation(
                request.id(),
                Kept.shortened(request.model()),
                request.version(),
                now.minus(phases.total(), ChronoUnit.NANOS),
                request.queue(),
                request.parameters().priority(),
                request.run(),
                phases,
                outcome);
    }
}
