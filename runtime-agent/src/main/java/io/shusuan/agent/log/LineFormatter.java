package io.shusuan.agent.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.function.Supplier;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/** Writes the time, the level and the message, and a stack trace behind it where there is one. */
final class LineFormatter extends Formatter {
    private static final DateTimeFormatter LOCAL = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSZ");
    private static final DateTimeFormatter UTC = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'");

    private final Supplier<LogSettings.Format> format;

    LineFormatter(Supplier<LogSettings.Format> format) {
        this.format = format;
    }

    @Override
    public String format(LogRecord line) {
        var time = switch (format.get()) {
            case DEFAULT -> LOCAL.format(line.getInstant().atZone(ZoneId.systemDefault()));
            case ISO8601 -> UTC.format(line.getInstant().atOffset(ZoneOffset.UTC));
        };
        var text = time + " " + line.getLevel().getName() + " " + formatMessage(line) + System.lineSeparator();
        var thrown = line.getThrown();
        if (thrown == null) {
            return text;
        }
        var trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));
        return text + trace;
    }
}
