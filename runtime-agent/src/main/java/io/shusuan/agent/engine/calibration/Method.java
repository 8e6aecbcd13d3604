package io.shusuan.agent.engine.calibration;

import java.util.Locale;

/** How much of what was observed a quantised tensor should keep. */
public enum Method {
    /** All of it. */
    MIN_MAX,
    /** All but a few values in a hundred thousand, so that one outlier does not take the resolution from the others. */
    PERCENTILE,
    /** The part whose distribution is changed least by being quantised, measured as relative entropy. */
    ENTROPY;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace("_", "");
    }
}
