package io.shusuan.db.queue;

import org.jspecify.annotations.Nullable;

/** A name for a priority, and what it is worth now. */
public record PriorityClass(
        PriorityClassName name, int value, @Nullable String description) {

    /** A value is from minus this to this, as a priority that is given as a number. */
    public static final int MOST = 1000;

    public PriorityClass {
        if (value < -MOST || value > MOST) {
            throw new IllegalArgumentException("a priority is from -%d to %d, not %d".formatted(MOST, MOST, value));
        }
    }
}
