package io.shusuan.agent.inference;

/** A request's place in its sequence. One request may be both the first and the last. */
public record SequenceStep(CorrelationId id, boolean start, boolean end) {}
