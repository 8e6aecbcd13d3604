package io.shusuan.agent.scheduling.ensemble;

import io.shusuan.agent.inference.Timing;

/** How long the steps of a run took together, in nanoseconds. Steps that ran beside each other are counted one by one, as Triton does. */
record Phases(long queue, long input, long infer, long output) {
    static final Phases NONE = new Phases(0, 0, 0, 0);

    Phases plus(Phases more) {
        return new Phases(queue + more.queue, input + more.input, infer + more.infer, output + more.output);
    }

    Phases plus(Timing step) {
        return new Phases(
                queue + step.queueNanos(),
                input + step.inputNanos(),
                infer + step.inferNanos(),
                output + step.outputNanos());
    }
}
