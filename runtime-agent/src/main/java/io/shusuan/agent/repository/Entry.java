package io.shusuan.agent.repository;

import io.shusuan.agent.backend.StandIn;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A model's versions as they are now: those that answer, with what they were loaded from, and what to say of those that do not. The
 * fingerprint is that of the folder when it was last tried, so that a broken model is tried again only when something changed.
 */
record Entry(
        Map<Long, ServedModel> ready, Map<Long, ModelStatus> others, Map<Long, String> stamps, String fingerprint) {
    static final String UNLOADED = "unloaded";
    static final Entry NONE = new Entry(Map.of(), Map.of(), Map.of(), "");

    static Entry loading(ModelId model, List<Long> versions) {
        return new Entry(
                Map.of(),
                versions.stream()
                        .collect(Collectors.toUnmodifiableMap(
                                version -> version,
                                version -> new ModelStatus(model, version, ModelState.LOADING, ""))),
                Map.of(),
                "");
    }

    /** What served goes on serving; the newest version that does not serve says what went wrong. */
    Entry afterFailure(ModelFolder folder, String tried, String reason) {
        long version = folder.newest();
        var states = new HashMap<>(others);
        states.values().removeIf(status -> status.state() == ModelState.LOADING);
        states.put(version, new ModelStatus(folder.id(), version, ModelState.UNAVAILABLE, reason));
        return new Entry(ready, Map.copyOf(states), stamps, tried);
    }

    /** The same model out of service. */
    Entry takenOut(ModelId model, String reason) {
        var states = new HashMap<Long, ModelStatus>();
        ready.keySet().forEach(version -> states.put(version, unavailable(model, version, reason)));
        others.keySet().forEach(version -> states.put(version, unavailable(model, version, reason)));
        return new Entry(Map.of(), Map.copyOf(states), Map.of(), "");
    }

    private static ModelStatus unavailable(ModelId model, long version, String reason) {
        return new ModelStatus(model, version, ModelState.UNAVAILABLE, reason);
    }

    @Nullable
    ServedModel newest() {
        ServedModel newest = null;
        for (var version : ready.values()) {
            if (newest == null || version.version() > newest.version()) {
                newest = version;
            }
        }
        return newest;
    }

    /** The same with another model in the place of one of its versions. */
    Entry with(ServedModel version) {
        var models = new HashMap<>(ready);
        models.put(version.version(), version);
        return new Entry(Map.copyOf(models), others, stamps, fingerprint);
    }

    /** The versions of this entry that another one no longer serves. */
    Collection<ServedModel> without(Entry after) {
        return ready.values().stream()
                .filter(version -> !after.ready().containsValue(version))
                .toList();
    }

    /** Tells each new version which one callers have been talking to until now. */
    void followOn(Entry before) {
        for (var fresh : without(before)) {
            var replaced = before.ready().getOrDefault(fresh.version(), before.newest());
            if (replaced != null) {
                fresh.takePlaceOf(replaced);
            }
        }
    }

    /** Whether somebody took the model out of service, as opposed to a fault or the want of a member. */
    boolean isUnloaded() {
        return ready.isEmpty()
                && others.values().stream().allMatch(status -> status.reason().equals(UNLOADED));
    }

    /** Whether the model should answer and does not. */
    boolean isMissing() {
        return ready.values().stream().anyMatch(version -> version.failure().isPresent())
                || (ready.isEmpty()
                        && others.values().stream()
                                .anyMatch(status -> status.state() == ModelState.LOADING
                                        || (status.state() == ModelState.UNAVAILABLE
                                                && !status.reason().startsWith(UNLOADED))));
    }

    /** A line for each version. One that serves although its newer files are broken says so, and one whose engine has failed. */
    Collection<ModelStatus> index(ModelId model) {
        var lines = new TreeMap<Long, ModelStatus>(others);
        for (var version : ready.values()) {
            var trouble = Optional.ofNullable(others.get(version.version()))
                    .map(status -> "serves what was loaded before: " + status.reason())
                    .or(() -> version.standIn().map(StandIn::reason))
                    .orElse("");
            lines.put(
                    version.version(),
                    version.failure()
                            .map(why -> unavailable(model, version.version(), why))
                            .orElseGet(() -> new ModelStatus(model, version.version(), ModelState.READY, trouble)));
        }
        return lines.values();
    }
}
