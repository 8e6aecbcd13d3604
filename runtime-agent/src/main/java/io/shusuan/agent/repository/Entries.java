package io.shusuan.agent.repository;

import io.shusuan.agent.inference.ServingException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** The models there are, by name and then by namespace. A lookup reads one immutable map and never waits. */
final class Entries {
    private final ConcurrentMap<String, Map<String, Entry>> named = new ConcurrentHashMap<>();
    private final Runnable changed;

    /** @param changed is told after every change, and does not wait */
    Entries(Runnable changed) {
        this.changed = changed;
    }

    /**
     * The model of a name.
     *
     * @throws ServingException when several namespaces have one
     */
    @Nullable
    Entry named(String name) {
        var found = named.getOrDefault(name, Map.of());
        if (found.size() <= 1) {
            return found.isEmpty() ? null : found.values().iterator().next();
        }
        var loaded = new TreeMap<>(found);
        loaded.values().removeIf(Entry::isUnloaded);
        if (loaded.size() > 1) {
            throw ambiguous(name, loaded.keySet());
        }
        return (loaded.isEmpty() ? found : loaded).values().iterator().next();
    }

    static ServingException ambiguous(String name, Collection<String> namespaces) {
        return ServingException.invalid("There are " + namespaces.size() + " identifiers of model '" + name
                + "' in global map, model namespace must be provided to resolve ambiguity. They are in "
                + String.join(" and ", namespaces)
                + "; a call cannot say which: give one of them another name, or call it through an ensemble");
    }

    @Nullable
    Entry find(ModelId id) {
        return named.getOrDefault(id.name(), Map.of()).get(id.namespace());
    }

    /** The same, for whoever does not mind whether the model was ever tried. */
    Entry of(ModelId id) {
        var entry = find(id);
        return entry == null ? Entry.NONE : entry;
    }

    /** The models of a name, those included that were unloaded. */
    List<ModelId> ids(String name) {
        return named.getOrDefault(name, Map.of()).keySet().stream()
                .map(namespace -> new ModelId(namespace, name))
                .sorted()
                .toList();
    }

    Set<ModelId> ids() {
        var ids = new TreeSet<ModelId>();
        named.keySet().forEach(name -> ids.addAll(ids(name)));
        return ids;
    }

    Collection<Entry> all() {
        return named.values().stream().flatMap(each -> each.values().stream()).toList();
    }

    void put(ModelId id, Entry entry) {
        named.compute(id.name(), (_, before) -> {
            var after = before == null ? new HashMap<String, Entry>() : new HashMap<>(before);
            after.put(id.namespace(), entry);
            return Map.copyOf(after);
        });
        changed.run();
    }

    void remove(ModelId id) {
        named.computeIfPresent(id.name(), (_, before) -> {
            var after = new HashMap<>(before);
            after.remove(id.namespace());
            return after.isEmpty() ? null : Map.copyOf(after);
        });
        changed.run();
    }

    void clear() {
        named.clear();
    }
}
