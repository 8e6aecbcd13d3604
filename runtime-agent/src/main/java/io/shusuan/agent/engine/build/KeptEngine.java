package io.shusuan.agent.engine.build;

/**
 * How it stands with an engine that a node keeps built.
 *
 * @param architecture of the GPUs it is for
 * @param reason why it is not there; empty when it is
 */
public record KeptEngine(String model, long version, String architecture, State state, String reason) {

    public enum State {
        READY,
        /** Begins when a GPU is free. */
        WAITING,
        BUILDING,
        /** It was built and failed a gate. */
        REJECTED,
        FAILED
    }
}
