package io.shusuan.agent.trace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Where traces go that have ended. All calls come from one thread, which may wait here. */
interface TraceSink extends AutoCloseable {
    void write(List<Trace> traces) throws IOException;

    @Override
    void close() throws IOException;

    static TraceSink of(TraceOptions options) {
        return switch (options.settings().mode()) {
            case TRITON -> new TraceFiles(Path.of(options.settings().file()));
            case OPENTELEMETRY -> new SpanExport(options.export());
        };
    }
}
