package io.shusuan.agent.trace;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The settings of all models and of single ones. A single model's stand before those of all, which stand before the start's. */
public final class Tracing {
    private final TraceSettings atStart;
    private TraceChange global = new TraceChange(Map.of());
    private final Map<String, TraceChange> models = new HashMap<>();

    public Tracing(TraceSettings atStart) {
        this.atStart = atStart;
    }

    public synchronized TraceSettings settings() {
        return global.over(atStart);
    }

    public synchronized TraceSettings settings(String model) {
        var own = models.get(model);
        return own == null ? settings() : own.over(settings());
    }

    /** Changes what is named; a name without values goes back to what the server was started with. */
    public synchronized TraceSettings change(Map<String, List<String>> values) {
        global = merged(global, TraceChange.checked(values));
        return settings();
    }

    /** Changes what is named for one model; a name without values goes back to what holds for all. */
    public synchronized TraceSettings change(String model, Map<String, List<String>> values) {
        var own = models.getOrDefault(model, new TraceChange(Map.of()));
        var changed = merged(own, TraceChange.checked(values));
        if (changed.values().isEmpty()) {
            models.remove(model);
        } else {
            models.put(model, changed);
        }
        return settings(model);
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
}
