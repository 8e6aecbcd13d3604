package io.shusuan.agent;

import java.util.logging.Level;
import java.util.logging.Logger;

/** The log: one line per event on standard error. */
final class Logging {
    private static final String FORMAT = "%1$tFT%1$tT.%1$tL%1$tz %4$s %5$s%6$s%n";

    /** Kept, because the logging system itself holds its loggers weakly and would forget their levels. */
    private static final Logger OWN = Logger.getLogger("io.shusuan");

    private Logging() {}

    static void configure(int verbose) {
        System.setProperty("java.util.logging.SimpleFormatter.format", FORMAT);
        var level = verbose > 0 ? Level.FINE : Level.INFO;
        OWN.setLevel(level);
        for (var handler : Logger.getLogger("").getHandlers()) {
            handler.setLevel(level);
        }
    }
}
