package io.shusuan.agent.explanation;

import io.shusuan.agent.inference.Reason;

/** How a request ended. */
public sealed interface Outcome {
    /** The model answered, a decoupled one any number of times. */
    record Answered(int responses) implements Outcome {}

    /** It was refused, cancelled or failed, after some answers perhaps. */
    record Failed(Reason reason, String message, int responses) implements Outcome {}
}
