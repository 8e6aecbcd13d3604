package io.shusuan.agent.fuzz;

import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Listens to the log: a line with an exception, or of the highest level, is a fault of the agent. Lost buffers are among them, for the
 * leak detector logs as well.
 */
final class Faults extends Handler {
    private final AtomicReference<@Nullable LogRecord> first = new AtomicReference<>();

    static Faults listen() {
        var faults = new Faults();
        var root = Logger.getLogger("");
        for (var printing : root.getHandlers()) {
            root.removeHandler(printing);
        }
        root.addHandler(faults);
        return faults;
    }

    void raise() {
        var fault = first.getAndSet(null);
        if (fault != null) {
            throw new AssertionError(
                    "the agent logged " + fault.getLevel() + ": " + fault.getMessage(), fault.getThrown());
        }
    }

    @Override
    public void publish(LogRecord line) {
        boolean severe = line.getLevel().intValue() >= Level.SEVERE.intValue();
        // a model that cannot be loaded is told at this level and is no fault
        boolean refusedModel = line.getThrown() == null
                && String.valueOf(line.getLoggerName()).startsWith("io.shusuan.agent.repository");
        if ((severe || line.getThrown() != null) && !refusedModel) {
            first.compareAndSet(null, line);
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
