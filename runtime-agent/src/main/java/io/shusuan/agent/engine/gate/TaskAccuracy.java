package io.shusuan.agent.engine.gate;

/** The share of labelled samples that are classified right, before and after. */
public record TaskAccuracy(double before, double after) {
    public double drop() {
        return before - after;
    }
}
