package io.shusuan.agent.trace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Triton's trace files. Traces whose settings name no frequency go to the file itself; of the others every so many go to a file of
 * their own, {@code FILE.0}, {@code FILE.1} and so on.
 */
final class TraceFiles implements TraceSink {
    /** A numbered file that is not full. */
    private static final class Filling {
        private final TraceFile file;
        private long traces;

        Filling(TraceFile file) {
            this.file = file;
        }
    }

    private final Path path;
    private final Map<Long, Filling> numbered = new HashMap<>();
    private @Nullable TraceFile whole;
    private int nextNumber;

    TraceFiles(Path path) {
        this.path = path;
    }

    @Override
    public void write(List<Trace> traces) throws IOException {
        for (var trace : traces) {
            long frequency = trace.settings().logFrequency();
            if (frequency == 0) {
                whole().append(TraceJson.entries(trace));
            } else {
                writeNumbered(trace, frequency);
            }
        }
    }

    private TraceFile whole() throws IOException {
        var open = whole;
        if (open == null) {
            open = TraceFile.create(path);
            whole = open;
        }
        return open;
    }

    private void writeNumbered(Trace trace, long frequency) throws IOException {
        var filling = numbered.get(frequency);
        if (filling == null) {
            filling = new Filling(TraceFile.create(Path.of(path + "." + nextNumber++)));
            numbered.put(frequency, filling);
        }
        filling.file.append(TraceJson.entries(trace));
        if (++filling.traces == frequency) {
            numbered.remove(frequency);
            filling.file.close();
        }
    }

    @Override
    public void close() throws IOException {
        if (whole != null) {
            whole.close();
        }
        for (var filling : numbered.values()) {
            filling.file.close();
        }
    }
}
