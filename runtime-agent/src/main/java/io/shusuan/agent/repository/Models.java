package io.shusuan.agent.repository;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.ServingException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The models of this process. Lookups read one immutable map per model and never wait; loading and unloading happen one at a time
 * under a lock, and a new set of versions replaces the old one in a single step before the old one is drained, so a model that is
 * reloaded answers throughout.
 */
public final class Models {
    private static final Logger log = System.getLogger(Models.class.getName());
    private static final long NEWEST = 0;

    /** A model's versions as they are now: those that answer, and what to say of those that do not. */
    private record Entry(Map<Long, ServedModel> ready, Map<Long, ModelStatus> others, String fingerprint) {
        @Nullable
        ServedModel newest() {
            return ready.values().stream()
                    .max(Comparator.comparingLong(ServedModel::version))
                    .orElse(null);
        }
    }

    private final ModelFolders folders;
    private final ModelLoader loader;
    private final Duration drainDeadline;
    private final ConcurrentMap<String, Entry> entries = new ConcurrentHashMap<>();
    private final Object changing = new Object();

    public Models(ModelFolders folders, ModelLoader loader, Duration drainDeadline) {
        this.folders = folders;
        this.loader = loader;
        this.drainDeadline = drainDeadline;
    }

    /**
     * The version of a model that answers; version 0 means the newest.
     *
     * @throws ServingException NOT_FOUND or UNAVAILABLE
     */
    public ServedModel find(String model, long version) {
        var entry = entries.get(model);
        if (entry == null) {
            throw ServingException.notFound("Request for unknown model: '" + model + "' is not found");
        }
        if (version == NEWEST) {
            var newest = entry.newest();
            if (newest == null) {
                throw ServingException.unavailable(
                        "Request for unknown model: '" + model + "' has no available versions");
            }
            return newest;
        }
        var exact = entry.ready().get(version);
        if (exact == null) {
            if (entry.others().containsKey(version)) {
                throw ServingException.unavailable(
                        "Request for unknown model: '" + model + "' version " + version + " is not at ready state");
            }
            throw ServingException.notFound(
                    "Request for unknown model: '" + model + "' version " + version + " is not found");
        }
        return exact;
    }

    /**
     * Gives a request to its model. When this returns the request belongs to the model; when it throws it is still the caller's.
     *
     * @throws ServingException when the model is not there, the request does not fit it or its queue is full
     */
    public void infer(InferenceRequest request, Completion completion) {
        while (true) {
            var model = find(request.model(), request.version());
            model.tensors().check(request);
            if (model.submit(request, completion)) {
                return;
            }
            // that version was replaced between the two lines: the next look finds what took its place, or nothing
            Thread.onSpinWait();
        }
    }

    /** Every version that answers. */
    public List<ServedModel> ready() {
        return entries.values().stream()
                .flatMap(entry -> entry.ready().values().stream())
                .sorted(Comparator.comparing(ServedModel::name).thenComparingLong(ServedModel::version))
                .toList();
    }

    /** The versions of one model that answer, oldest first. */
    public List<ServedModel> ready(String model) {
        var entry = entries.get(model);
        return entry == null
                ? List.of()
                : entry.ready().values().stream()
                        .sorted(Comparator.comparingLong(ServedModel::version))
                        .toList();
    }

    /** Whether every model that was asked for answers. */
    public boolean allReady() {
        return entries.values().stream()
                .noneMatch(entry -> entry.others().values().stream().anyMatch(Models::failed));
    }

    private static boolean failed(ModelStatus status) {
        return status.state() == ModelState.LOADING
                || (status.state() == ModelState.UNAVAILABLE && !status.reason().equals("unloaded"));
    }

    /** The repository index: every model on disk or in memory. */
    public List<ModelStatus> index() {
        var lines = new ArrayList<ModelStatus>();
        var names = new TreeSet<>(entries.keySet());
        try {
            names.addAll(folders.names());
        } catch (IOException unreadable) {
            log.log(Level.WARNING, "the model repository cannot be listed: {0}", unreadable.toString());
        }
        for (var name : names) {
            var entry = entries.get(name);
            if (entry == null) {
                lines.add(new ModelStatus(name, 0, ModelState.UNAVAILABLE, ""));
                continue;
            }
            var states = new TreeMap<Long, ModelStatus>(entry.others());
            entry.ready()
                    .forEach((version, _) -> states.put(version, new ModelStatus(name, version, ModelState.READY, "")));
            lines.addAll(states.values());
        }
        return lines;
    }

    /** Loads every model of the repositories; returns the reasons of those that could not be. */
    public Map<String, String> loadAll() throws IOException {
        return load(folders.names());
    }

    public Map<String, String> load(Collection<String> names) {
        var failures = new TreeMap<String, String>();
        for (var name : names) {
            try {
                load(name);
            } catch (LoadException | ServingException failed) {
                failures.put(name, String.valueOf(failed.getMessage()));
            }
        }
        return failures;
    }

    /**
     * Loads a model, or loads it again with what is on disk now. When that fails, versions that were serving go on serving.
     *
     * @throws ServingException NOT_FOUND when no repository has the model
     */
    public void load(String model) throws LoadException {
        load(model, LoadOverrides.NONE);
    }

    /** The same with a configuration, or files, in place of those on disk. */
    public void load(String model, LoadOverrides overrides) throws LoadException {
        synchronized (changing) {
            var before = entries.get(model);
            try {
                overrides.check(model);
                if (overrides.files().isEmpty() || !ModelFolders.isName(model)) {
                    var folder = folders.find(model)
                            .orElseThrow(() -> ServingException.notFound(
                                    "failed to load '" + model + "', failed to poll from model repository"));
                    replace(before, folder, overrides);
                } else {
                    try (var written = OverrideFolder.write(model, overrides.files())) {
                        replace(before, written.model(), overrides);
                    }
                }
            } catch (LoadException failed) {
                remember(model, before, failed);
                throw failed;
            }
        }
    }

    private void replace(@Nullable Entry before, ModelFolder folder, LoadOverrides overrides) throws LoadException {
        entries.put(folder.model(), loadVersions(folder, before, overrides));
        if (before != null) {
            retireInBackground(folder.model(), before.ready().values());
        }
    }

    private Entry loadVersions(ModelFolder folder, @Nullable Entry before, LoadOverrides overrides)
            throws LoadException {
        var fingerprint = fingerprint(folder);
        var config = loader.configOf(folder, overrides);
        var chosen = folder.chosenBy(config.getVersionPolicy());
        if (chosen.isEmpty()) {
            throw new LoadException(
                    "model '" + folder.model() + "' has no version to serve: its version_policy chooses none of "
                            + folder.versions() + " in " + folder.path());
        }
        if (before == null) {
            var loading = new HashMap<Long, ModelStatus>();
            chosen.forEach(v -> loading.put(v, new ModelStatus(folder.model(), v, ModelState.LOADING, "")));
            entries.put(folder.model(), new Entry(Map.of(), Map.copyOf(loading), fingerprint));
        }
        var ready = new HashMap<Long, ServedModel>();
        var others = new HashMap<Long, ModelStatus>();
        for (long version : chosen) {
            try {
                ready.put(version, loader.load(folder, config, version));
            } catch (LoadException failed) {
                log.log(Level.ERROR, "{0}", failed.text());
                others.put(version, new ModelStatus(folder.model(), version, ModelState.UNAVAILABLE, failed.text()));
            }
        }
        if (ready.size() < chosen.size()
                && (ready.isEmpty() || (before != null && !before.ready().isEmpty()))) {
            retireInBackground(folder.model(), ready.values());
            throw new LoadException(others.values().stream()
                    .map(ModelStatus::reason)
                    .findFirst()
                    .orElse("no version is available"));
        }
        return new Entry(Map.copyOf(ready), Map.copyOf(others), fingerprint);
    }

    private void remember(String model, @Nullable Entry before, LoadException failure) {
        if (before != null && !before.ready().isEmpty()) {
            log.log(
                    Level.WARNING,
                    "model {0} goes on serving what it served, loading it again failed: {1}",
                    model,
                    failure.text());
            return;
        }
        log.log(Level.ERROR, "model {0} is not available: {1}", model, failure.text());
        long version = 1;
        var fingerprint = "";
        try {
            var folder = folders.find(model);
            if (folder.isPresent()) {
                version = folder.get().versions().isEmpty()
                        ? 1
                        : folder.get().versions().getLast();
                fingerprint = fingerprint(folder.get());
            }
        } catch (LoadException unreadable) {
            log.log(Level.DEBUG, "folder of {0} cannot be read: {1}", model, unreadable.text());
        }
        var status = new ModelStatus(model, version, ModelState.UNAVAILABLE, failure.text());
        entries.put(model, new Entry(Map.of(), Map.of(version, status), fingerprint));
    }

    private static String fingerprint(ModelFolder folder) throws LoadException {
        try {
            return folder.fingerprint();
        } catch (IOException unreadable) {
            throw new LoadException("cannot read " + folder.path() + ": " + unreadable, unreadable);
        }
    }

    /**
     * Takes a model out of service. New requests are refused at once; those that wait are answered first.
     *
     * @throws ServingException NOT_FOUND for a model that is neither loaded nor on disk
     */
    public void unload(String model) throws LoadException {
        synchronized (changing) {
            var entry = entries.get(model);
            if (entry == null) {
                if (folders.find(model).isEmpty()) {
                    throw ServingException.notFound(
                            "failed to unload '" + model + "', no such model is loaded or in a repository");
                }
                return;
            }
            var states = new HashMap<Long, ModelStatus>();
            entry.ready()
                    .forEach((version, _) ->
                            states.put(version, new ModelStatus(model, version, ModelState.UNAVAILABLE, "unloaded")));
            entry.others()
                    .forEach((version, _) ->
                            states.put(version, new ModelStatus(model, version, ModelState.UNAVAILABLE, "unloaded")));
            entries.put(model, new Entry(Map.of(), Map.copyOf(states), ""));
            retireInBackground(model, entry.ready().values());
        }
    }

    /** Brings memory to what is on disk. A repository that cannot be read changes nothing. */
    public void poll() {
        TreeSet<String> names;
        try {
            names = folders.names();
        } catch (IOException unreadable) {
            log.log(
                    Level.WARNING,
                    "the model repository cannot be read, all models stay as they are: {0}",
                    unreadable.toString());
            return;
        }
        for (var name : names) {
            try {
                var entry = entries.get(name);
                var folder = folders.find(name);
                if (folder.isPresent() && (entry == null || !entry.fingerprint().equals(fingerprint(folder.get())))) {
                    load(name);
                }
            } catch (LoadException | ServingException logged) {
                log.log(Level.DEBUG, "poll of {0}: {1}", name, logged.getMessage());
            }
        }
        for (var name : List.copyOf(entries.keySet())) {
            if (!names.contains(name)) {
                try {
                    unload(name);
                    entries.remove(name);
                } catch (LoadException | ServingException unreadable) {
                    log.log(Level.WARNING, "model {0} stays: {1}", name, unreadable.getMessage());
                }
            }
        }
    }

    private void retireInBackground(String model, Collection<ServedModel> versions) {
        for (var version : List.copyOf(versions)) {
            Thread.ofPlatform().daemon().name("retire-" + model).start(() -> retire(version));
        }
    }

    private void retire(ServedModel version) {
        try {
            if (version.retire(drainDeadline)) {
                log.log(
                        Level.INFO,
                        "model {0} version {1} is unloaded",
                        version.name(),
                        Long.toString(version.version()));
            } else {
                log.log(
                        Level.WARNING,
                        "model {0} version {1} was still busy after {2} s and stays in memory",
                        version.name(),
                        Long.toString(version.version()),
                        drainDeadline.toSeconds());
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes everything down, waiting for what is running; true when all of it finished in time. */
    public boolean close(Duration deadline) throws InterruptedException {
        synchronized (changing) {
            long end = System.nanoTime() + deadline.toNanos();
            boolean all = true;
            var versions = ready();
            entries.clear();
            for (var version : versions) {
                all &= version.retire(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
            }
            return all;
        }
    }
}
