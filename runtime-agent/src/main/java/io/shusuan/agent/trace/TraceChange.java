package io.shusuan.agent.trace;

import io.shusuan.agent.inference.ServingException;
import java.util.List;
import java.util.Map;

/** Settings that differ from those below: what was named, by its name. An empty list of values takes a name back. */
record TraceChange(Map<String, List<String>> values) {
    private static final long MAX_UNSIGNED = 0xFFFF_FFFFL;

    /** Checks what a caller sent. Names that mean nothing here are passed over, as the protocol does. */
    static TraceChange checked(Map<String, List<String>> values) {
        values.forEach((name, given) -> {
            switch (name) {
                case "trace_file" ->
                    throw ServingException.unsupported(
                            "trace file location can not be updated through network protocol");
                case "trace_mode" ->
                    throw ServingException.unsupported("trace mode can not be updated through network protocol");
                case "trace_level" -> given.forEach(TraceChange::level);
                case "trace_rate", "log_frequency" -> number(name, given, 0, MAX_UNSIGNED);
                case "trace_count" -> number(name, given, -1, Integer.MAX_VALUE);
                default -> {}
            }
        });
        return new TraceChange(values);
    }

    private static void level(String level) {
        switch (level) {
            case "OFF", "TIMESTAMPS", "TENSORS" -> {}
            default -> throw ServingException.invalid("Unable to parse 'trace_level', got: " + level);
        }
    }

    private static void number(String name, List<String> given, long least, long most) {
        for (var text : given) {
            try {
                long value = Long.parseLong(text);
                if (value < least || value > most) {
                    throw ServingException.invalid("Unable to parse '" + name + "', value is out of range [" + least
                            + ", " + most + "], got: " + text);
                }
            } catch (NumberFormatException notANumber) {
                throw ServingException.invalid("Unable to parse '" + name + "', got: " + text);
            }
        }
    }

    TraceSettings over(TraceSettings below) {
        return new TraceSettings(
                values.getOrDefault("trace_level", below.level()),
                number("trace_rate", below.rate()),
                number("trace_count", below.count()),
                number("log_frequency", below.logFrequency()),
                below.file(),
                below.mode());
    }

    private long number(String name, long below) {
        var given = values.get(name);
        return given == null ? below : Long.parseLong(given.getFirst());
    }
}
