package io.shusuan.agent.engine.calibration;

/** The values between which a tensor's lie, or those of them that matter. */
public record Range(float min, float max) {
    public Range {
        if (!(min <= max)) {
            throw new IllegalArgumentException("no range from " + min + " to " + max);
        }
    }

    /** The largest distance from zero. */
    public float absolute() {
        return Math.max(Math.abs(min), Math.abs(max));
    }

    Range and(Range other) {
        return new Range(Math.min(min, other.min), Math.max(max, other.max));
    }
}
