package io.shusuan.agent.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.function.Supplier;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

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
        var utc = UTC.format(line.getInstant().atOffset(ZoneOffset.UTC));
        return switch (format.get()) {
            case DEFAULT -> text(LOCAL.format(line.getInstant().atZone(ZoneId.systemDefault())), line);
            case ISO8601 -> text(utc, line);
            case JSON -> JsonLine.of(utc, line, formatMessage(line), trace(line));
        };
    }

    private String text(String time, LogRecord line) {
        var thrown = trace(line);
        return time + " " + line.getLevel().getName() + " " + oneLine(formatMessage(line)) + System.lineSeparator()
                + (thrown == null ? "" : thrown);
    }

    /** Callers choose request ids and names of models: with a line break in one they could write lines of their own. */
    private static String oneLine(String message) {
        if (message.chars().noneMatch(Character::isISOControl)) {
            return message;
        }
        var shown = new StringBuilder(message.length() + 16);
        message.chars().forEach(letter -> {
            if (Character.isISOControl(letter)) {
                shown.append(String.format("\\u%04x", letter));
            } else {
                shown.append((char) letter);
            }
        });
        return shown.toString();
    }

    private static @Nullable String trace(LogRecord line) {
        var thrown = line.getThrown();
        if (thrown == null) {
            return null;
        }
        var trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));
        return trace.toString();
    }
}
