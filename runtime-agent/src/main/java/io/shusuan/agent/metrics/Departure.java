package io.shusuan.agent.metrics;

import java.util.Locale;

/** Why a batch left its queue. */
public enum Departure {
    /** It had a preferred size. */
    PREFERRED,
    /** Nothing more would have fitted. */
    FULL,
    /** The oldest request had waited as long as the configuration lets it. */
    DELAY,
    /** An instance was free and the configuration lets no request wait for others. */
    NO_DELAY,
    /** The next request had other shapes or inputs. */
    SHAPE,
    /** The model is going away. */
    DRAIN,
    /** The model takes one request at a time. */
    SINGLE;

    /** The value of the metrics' label. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
