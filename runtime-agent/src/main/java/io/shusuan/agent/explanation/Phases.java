package io.shusuan.agent.explanation;

import io.shusuan.agent.inference.Timing;

/** Where a request's time went, in nanoseconds. A phase it never came to took none. */
public record Phases(
        long queue, long computeInput, long computeInfer, long computeOutput, long firstResponse, long total) {

    /** @param firstResponse how long after its arrival the request had its first answer; 0 when it had none */
    static Phases of(Timing timing, long firstResponse) {
        return new Phases(
                timing.waitedNanos(),
                timing.inputNanos(),
                timing.inferNanos(),
                timing.outputNanos(),
                firstResponse,
                timing.totalNanos());
    }
}
