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
    private static final long NANOS_PER_MICRO = 1000;

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

    /** The request in one line of the log. */
    String sentence() {
        var end = switch (outcome) {
            case Outcome.Answered answered -> "answered with " + answered.responses() + " response(s)";
            case Outcome.Failed failed -> "ended as " + failed.reason() + " (" + failed.message() + ")";
        };
        return (queue == null ? model : queue) + (run == null ? "" : " on " + run.instance()) + " " + end + " in "
                + phases.total() / NANOS_PER_MICRO + " us, " + phases.queue() / NANOS_PER_MICRO + " us of them waiting";
    }
}
