package io.shusuan.agent.trace;

import java.util.concurrent.atomic.AtomicLong;

/** Chooses every so many-th request, until enough have been chosen. */
final class Sampler {
    private static final long ENDLESS = -1;

    private final TraceSettings settings;
    private final AtomicLong seen = new AtomicLong();
    private final AtomicLong left;

    Sampler(TraceSettings settings) {
        this.settings = settings;
        this.left = new AtomicLong(settings.count());
    }

    TraceSettings settings() {
        return settings;
    }

    /** The settings with the number of traces that are still to come. */
    TraceSettings remaining() {
        return new TraceSettings(
                settings.level(),
                settings.rate(),
                left.get(),
                settings.logFrequency(),
                settings.file(),
                settings.mode());
    }

    boolean chooses() {
        if (settings.rate() == 0 || left.get() == 0 || seen.incrementAndGet() % settings.rate() != 0) {
            return false;
        }
        return settings.count() == ENDLESS || left.getAndUpdate(now -> Math.max(0, now - 1)) > 0;
    }
}
