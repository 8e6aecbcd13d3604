package io.shusuan.agent.log;

import io.shusuan.agent.inference.Parameter;
import java.io.IOException;
import java.util.Map;
import java.util.logging.ConsoleHandler;
import java.util.logging.FileHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The process' log, one line per event. */
public final class Log {
    /** Kept, because the logging system itself holds its loggers weakly and would forget their levels. */
    private static final Logger OWN = Logger.getLogger("io.shusuan");

    private volatile LogSettings settings;

    private Log(LogSettings settings) {
        this.settings = settings;
    }

    /** Takes the process' logging over. */
    public static Log open(LogSettings settings) throws IOException {
        var log = new Log(settings);
        Handler handler = settings.file().isEmpty() ? new ConsoleHandler() : new FileHandler(settings.file(), true);
        handler.setLevel(Level.ALL);
        handler.setFormatter(new LineFormatter(() -> log.settings.format()));
        handler.setFilter(log::isWanted);
        var root = Logger.getLogger("");
        for (var old : root.getHandlers()) {
            root.removeHandler(old);
        }
        root.addHandler(handler);
        log.apply();
        return log;
    }

    /** A log that nobody has taken over: settings can be read and changed, and another process' handlers stay as they are. */
    public static Log unopened(LogSettings settings) {
        return new Log(settings);
    }

    public LogSettings settings() {
        return settings;
    }

    /** Changes what is named and gives all settings back; a wrong value changes nothing. */
    public synchronized LogSettings change(Map<String, Parameter> changes) {
        settings = settings.with(changes);
        apply();
        return settings;
    }

    private void apply() {
        OWN.setLevel(settings.verboseLevel() > 0 ? Level.FINE : Level.INFO);
    }

    private boolean isWanted(LogRecord line) {
        int level = line.getLevel().intValue();
        if (level >= Level.SEVERE.intValue()) {
            return settings.error();
        }
        if (level >= Level.WARNING.intValue()) {
            return settings.warning();
        }
        return level >= Level.INFO.intValue() ? settings.info() : settings.verboseLevel() > 0;
    }
}
