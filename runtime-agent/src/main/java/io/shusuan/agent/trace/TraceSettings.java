package io.shusuan.agent.trace;

import io.shusuan.agent.inference.ServingException;
import java.util.List;
import java.util.Locale;

/**
 * How one model is traced: every {@code rate}-th request, {@code count} of them (−1 for all), written to a new file every
 * {@code logFrequency} traces (0: all to one).
 */
public record TraceSettings(List<String> level, long rate, long count, long logFrequency, String file, Mode mode) {
    public static final TraceSettings OFF = new TraceSettings(List.of("OFF"), 1000, -1, 0, "", Mode.TRITON);

    /** What becomes of a trace. */
    public enum Mode {
        /** An entry of a JSON file. */
        TRITON,
        /** Spans, sent to a collector. */
        OPENTELEMETRY;

        /** As settings are shown. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public TraceSettings {
        level = List.copyOf(level);
    }

    public boolean isOn() {
        return timestamps() || tensors();
    }

    boolean timestamps() {
        return level.contains("TIMESTAMPS") || tensors();
    }

    boolean tensors() {
        return level.contains("TENSORS");
    }

    /** These settings if there is a place to write to and the mode can show what they ask for. */
    TraceSettings checked() {
        if (isOn() && mode == Mode.TRITON && file.isEmpty()) {
            throw ServingException.invalid("Attempting to set invalid trace setting :trace file name is not given;"
                    + " start the server with --trace-config triton,file=FILE");
        }
        if (tensors() && mode == Mode.OPENTELEMETRY) {
            throw ServingException.unsupported(
                    "trace_level TENSORS is not supported in opentelemetry mode: spans carry no tensors");
        }
        return this;
    }
}
