package io.shusuan.agent.log;

import io.shusuan.agent.inference.Parameter;
import io.shusuan.agent.inference.ServingException;
import java.util.Map;

/** Which lines are written, where to and in which form. An empty file stands for standard error. */
public record LogSettings(String file, boolean info, boolean warning, boolean error, int verboseLevel, Format format) {
    public static final LogSettings DEFAULT = new LogSettings("", true, true, true, 0, Format.DEFAULT);

    /** The form of a line. */
    public enum Format {
        /** The local time with its offset. */
        DEFAULT("default"),
        /** The time in UTC. */
        ISO8601("ISO8601"),
        /** One JSON object, the time in UTC. */
        JSON("json");

        private final String text;

        Format(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }

        public static Format named(String name) {
            for (var format : values()) {
                if (format.text.equals(name)) {
                    return format;
                }
            }
            throw ServingException.invalid("invalid log_format '" + name + "': it is 'default', 'ISO8601' or 'json'");
        }
    }

    /** These settings with some changed over the network. Names that mean nothing here are passed over, as the protocol does. */
    LogSettings with(Map<String, Parameter> changes) {
        var changed = this;
        for (var change : changes.entrySet()) {
            changed = changed.with(change.getKey(), change.getValue());
        }
        return changed;
    }

    private LogSettings with(String name, Parameter value) {
        return switch (name) {
            case "log_file" ->
                throw ServingException.unsupported("log file location can not be updated through network protocol");
            case "log_info" -> new LogSettings(file, flag(value), warning, error, verboseLevel, format);
            case "log_warning" -> new LogSettings(file, info, flag(value), error, verboseLevel, format);
            case "log_error" -> new LogSettings(file, info, warning, flag(value), verboseLevel, format);
            case "log_verbose_level" -> new LogSettings(file, info, warning, error, level(value), format);
            case "log_format" -> new LogSettings(file, info, warning, error, verboseLevel, Format.named(text(value)));
            default -> this;
        };
    }

    private static boolean flag(Parameter value) {
        if (value instanceof Parameter.Flag flag) {
            return flag.value();
        }
        throw wrong("boolean");
    }

    private static int level(Parameter value) {
        if (value instanceof Parameter.Whole number && number.value() >= 0) {
            return (int) Math.min(Integer.MAX_VALUE, number.value());
        }
        throw wrong("unsigned-integer");
    }

    private static String text(Parameter value) {
        if (value instanceof Parameter.Text text) {
            return text.value();
        }
        throw wrong("string");
    }

    private static ServingException wrong(String wanted) {
        return ServingException.malformed("attempt to access JSON non-" + wanted + " as " + wanted);
    }
}
