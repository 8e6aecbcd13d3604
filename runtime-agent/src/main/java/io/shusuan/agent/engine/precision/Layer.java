package io.shusuan.agent.engine.precision;

/** What became of one node. */
public record Layer(String name, String operator, Outcome outcome, String reason) {
    public enum Outcome {
        /** Computes in the new type. */
        CONVERTED,
        /** Computes in FP32 with weights that are stored in the new type. */
        STORED,
        /** Computes in FP32, as before. */
        KEPT,
        /** Has nothing to do with FP32. */
        UNCONCERNED
    }
}
