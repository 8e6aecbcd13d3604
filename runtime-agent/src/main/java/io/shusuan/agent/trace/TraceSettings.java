package io.shusuan.agent.trace;

import java.util.List;

/**
 * How one model is traced: every {@code rate}-th request, {@code count} of them (−1 for all), written every {@code logFrequency}
 * traces (0: at the end).
 */
public record TraceSettings(List<String> level, long rate, long count, long logFrequency, String file, String mode) {
    public static final TraceSettings OFF = new TraceSettings(List.of("OFF"), 1000, -1, 0, "", "triton");

    public TraceSettings {
        level = List.copyOf(level);
    }
}
