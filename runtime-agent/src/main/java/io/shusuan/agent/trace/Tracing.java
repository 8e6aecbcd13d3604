package io.shusuan.agent.trace;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the requests that are traced. A single model's settings stand before those of all, which stand before the start's. They are
 * changed under a lock and read through one field.
 */
public final class Tracing {
    private final TraceSettings atStart;
    private final TraceWriter writer;
    private final AtomicLong ids = new AtomicLong();
    private TraceChange global = new TraceChange(Map.of());
    private final Map<String, TraceChange> models = new HashMap<>();
    private volatile Samplers samplers;

    public Tracing(TraceOptions options) {
        this.atStart = options.settings();
        this.samplers = Samplers.of(new Sampler(atStart));
        this.writer = new TraceWriter(() -> TraceSink.of(options));
    }

    /** Whether any model's settings say that requests are traced. */
    public boolean isOn() {
        return samplers.on();
    }

    /** Traces that were given up because they came faster than they could be written. */
    public long dropped() {
        return writer.dropped();
    }

    /**
     * The trace of a request that begins; null when it is not chosen. A caller who is traced herself, and says so in
     * {@code traceparent}, is followed whatever the rate is.
     *
     * @param header finds a header of the call by its name; null when it is not there
     */
    public @Nullable Trace begin(Protocol protocol, String model, Function<String, @Nullable String> header) {
        var now = samplers;
        if (!now.on()) {
            return null;
        }
        var sampler = now.of(model);
        var settings = sampler.settings();
        if (!settings.isOn()) {
            return null;
        }
        var parent = settings.mode() == TraceSettings.Mode.OPENTELEMETRY
                ? TraceParent.read(header.apply(TraceParent.HEADER))
                : null;
        boolean wanted = parent == null ? sampler.chooses() : parent.sampled();
        return wanted
                ? new Trace(ids.incrementAndGet(), protocol, settings, parent, writer, ids::incrementAndGet)
                : null;
    }

    public TraceSettings settings() {
        return samplers.all().remaining();
    }

    public TraceSettings settings(String model) {
        return samplers.of(model).remaining();
    }

    /** Changes what is named; a name without values goes back to what the server was started with. */
    public synchronized TraceSettings change(Map<String, List<String>> values) {
        var changed = merged(global, TraceChange.checked(values));
        apply(changed, models);
        global = changed;
        return settings();
    }

    /** Changes what is named for one model; a name without values goes back to what holds for all. */
    public synchronized TraceSettings change(String model, Map<String, List<String>> values) {
        var own = models.getOrDefault(model, new TraceChange(Map.of()));
        var changed = new HashMap<>(models);
        var merged = merged(own, TraceChange.checked(values));
        if (merged.values().isEmpty()) {
            changed.remove(model);
        } else {
            changed.put(model, merged);
        }
        apply(global, changed);
        models.clear();
        models.putAll(changed);
        return settings(model);
    }

    /** Settings that cannot hold throw, and change nothing. */
    private void apply(TraceChange forAll, Map<String, TraceChange> forModels) {
        var all = forAll.over(atStart).checked();
        var own = new HashMap<String, TraceSettings>();
        forModels.forEach((name, change) -> own.put(name, change.over(all).checked()));
        samplers = samplers.with(all, own);
    }

    private static TraceChange merged(TraceChange before, TraceChange change) {
        var all = new HashMap<>(before.values());
        change.values().forEach((name, values) -> {
            if (values.isEmpty()) {
                all.remove(name);
            } else {
                all.put(name, List.copyOf(values));
            }
        });
        return new TraceChange(Map.copyOf(all));
    }

    /** Writes what has ended, then lets go of the files and the collector. */
    public void close() throws InterruptedException {
        writer.close();
    }
}
