package io.shusuan.agent.engine.conversion;

import java.util.Locale;

/** What a model can be converted to, and how far its outputs may be off where there are no labels. */
public enum Precision {
    FP16(0.01),
    BF16(0.03),
    INT8(0.08),
    FP8(0.08);

    private final double relativeError;

    Precision(double relativeError) {
        this.relativeError = relativeError;
    }

    public double relativeError() {
        return relativeError;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
