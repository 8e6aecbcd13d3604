package io.shusuan.agent.repository;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.inference.ServingException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Loads and unloads models, one at a time under a lock. A new set of versions replaces the old one in a single step before the old one
 * is drained, so a model that is reloaded answers throughout.
 */
public final class ModelControl {
    private static final Logger log = System.getLogger(ModelControl.class.getName());

    private final Models models;
    private final ModelFolders folders;
    private final Entries entries;
    private final ModelLoader loader;
    private final Retirement retirement;
    private final Object changing = new Object();
    private final Ensembles ensembles;
    private final Succession succession;

    public ModelControl(Models models, ModelLoader loader, Duration drainDeadline) {
        this.models = models;
        this.folders = models.folders();
        this.entries = models.entries();
        this.loader = loader;
        this.retirement = new Retirement(drainDeadline);
        this.ensembles = new Ensembles(entries, folders);
        this.succession = new Succession(entries, folders, loader, ensembles, retirement);
    }

    /** Loads every model of the repositories; returns the reasons of those that could not be. */
    public Map<String, String> loadAll() throws IOException {
        var listing = folders.list();
        listing.unreadable()
                .forEach((id, why) ->
                        log.log(Level.WARNING, "{0} is passed over, it cannot be looked at: {1}", id, why));
        return loadEach(listing.models());
    }

    public Map<String, String> load(Collection<String> names) {
        return loadEach(names.stream().flatMap(name -> called(name).stream()).toList());
    }

    private Map<String, String> loadEach(Collection<ModelId> models) {
        var failures = new TreeMap<String, String>();
        var round = new LoadRound();
        for (var model : models) {
            try {
                synchronized (changing) {
                    ensembles.loadedForItself(model);
                    if (!round.hasTried(model)) {
                        load(model, LoadOverrides.NONE, round);
                    }
                }
            } catch (LoadException | ServingException failed) {
                // the round knows, and says it again where an ensemble needed the model
                log.log(Level.DEBUG, "{0}: {1}", model, failed.getMessage());
            }
            round.failure(model).ifPresent(why -> failures.put(model.toString(), why));
        }
        return failures;
    }

    /**
     * Loads a model, or loads it again with what is on disk now. Versions that have not changed stay as they are. The new ones are loaded
     * and warmed up before they take the place of the old ones in one step; when one of them fails, the old ones go on serving and the
     * index says why. An ensemble brings the members along that are not there, and new versions of a member are held against the
     * ensembles that call it.
     *
     * @throws ServingException NOT_FOUND when no repository has the model
     */
    public void load(String model) throws LoadException {
        load(model, LoadOverrides.NONE);
    }

    /** The same with a configuration, or files, in place of those on disk. */
    public void load(String model, LoadOverrides overrides) throws LoadException {
        synchronized (changing) {
            var models = called(model);
            if (!overrides.files().isEmpty() && models.size() > 1) {
                throw Entries.ambiguous(
                        model, models.stream().map(ModelId::namespace).toList());
            }
            LoadException first = null;
            for (var each : models) {
                try {
                    load(each, overrides);
                } catch (LoadException failed) {
                    first = first == null ? failed : first;
                }
            }
            if (first != null) {
                throw first;
            }
        }
    }

    /** The models that a name means when it is to be loaded: in every namespace that has one. */
    private List<ModelId> called(String name) {
        var onDisk = folders.named(name);
        return onDisk.isEmpty() ? List.of(ModelId.unique(name)) : List.copyOf(onDisk);
    }

    @GuardedBy("changing")
    private void load(ModelId model, LoadOverrides overrides) throws LoadException {
        ensembles.loadedForItself(model);
        load(model, overrides, new LoadRound());
        followChange(model);
    }

    /** Loads the ensembles that may be back, or call other models, now that a model has come or gone. */
    @GuardedBy("changing")
    private void followChange(ModelId model) {
        for (var ensemble : ensembles.changedBy(model)) {
            try {
                load(ensemble, ensembles.overrides(ensemble), new LoadRound());
            } catch (LoadException | ServingException logged) {
                log.log(Level.DEBUG, "{0} is not back: {1}", ensemble, logged.getMessage());
            }
        }
    }

    private void load(ModelId model, LoadOverrides overrides, LoadRound round) throws LoadException {
        round.begin(model);
        var failure = Optional.of("it could not be loaded");
        try {
            overrides.check(model.name());
            if (overrides.files().isEmpty() || !ModelFolders.isName(model.name())) {
                replace(folderOf(model), overrides, round);
            } else {
                try (var written = OverrideFolder.write(model, overrides.files())) {
                    replace(written.model(), overrides, round);
                }
            }
            ensembles.returned(model);
            failure = Optional.empty();
        } catch (LoadException | ServingException failed) {
            failure = Optional.of(String.valueOf(failed.getMessage()));
            throw failed;
        } finally {
            round.end(failure);
        }
    }

    private void loadMembers(ModelConfig config, LoadRound round) throws LoadException {
        for (var member : ensembles.missingMembers(config)) {
            round.checkMember(member);
            if (!round.hasTried(member)) {
                try {
                    load(member, LoadOverrides.NONE, round);
                    ensembles.loadedAlong(member);
                } catch (LoadException | ServingException failed) {
                    log.log(Level.DEBUG, "{0} is needed and not there: {1}", member, failed.getMessage());
                }
            }
        }
    }

    private ModelFolder folderOf(ModelId model) throws LoadException {
        try {
            return folders.find(model)
                    .orElseThrow(() -> ServingException.notFound(
                            "failed to load '" + model + "', failed to poll from model repository"));
        } catch (LoadException ambiguous) {
            var nowhere = ModelFolder.unreadable(model, Path.of(model.name()));
            entries.put(model, entries.of(model).afterFailure(nowhere, "", ambiguous.text()));
            throw ambiguous;
        }
    }

    private void replace(ModelFolder folder, LoadOverrides overrides, LoadRound round) throws LoadException {
        var model = folder.id();
        var before = entries.of(model);
        var fingerprint = VersionSet.fingerprint(folder);
        try {
            var document = ensembles.resolve(model, loader.configOf(folder, overrides), overrides);
            loadMembers(document.config(), round);
            if (!ensembles.missingMembers(document.config()).isEmpty()) {
                ensembles.desert(model);
            }
            ensembles.check(document, round);
            var chosen = VersionSet.chosen(folder, document);
            if (entries.find(model) == null) {
                entries.put(model, Entry.loading(model, chosen));
            }
            var after = new VersionSet(folder, document, chosen, fingerprint)
                    .load(before, loader, new ModelCalls(models), retirement);
            succession.put(model, before, after);
            after.without(before).forEach(this::awaitSuccessor);
        } catch (LoadException failed) {
            entries.put(model, before.afterFailure(folder, fingerprint, failed.text()));
            log.log(
                    Level.ERROR,
                    before.ready().isEmpty()
                            ? "model {0} is not available: {1}"
                            : "model {0} goes on serving what it served, loading it again failed: {1}",
                    model,
                    failed.text());
            throw failed;
        }
    }

    private void awaitSuccessor(ServedModel model) {
        model.standIn()
                .ifPresent(standIn -> standIn.whenReady(successor -> {
                    synchronized (changing) {
                        succession.replace(model, successor);
                    }
                }));
    }

    /**
     * Takes a model out of service. New requests are refused at once; those that wait are answered first. Ensembles that call it go
     * before it, and come back when it does.
     *
     * @param withMembers of an ensemble, whether the members that were loaded with it and that nobody else calls go too
     * @throws ServingException NOT_FOUND for a model that is neither loaded nor on disk
     */
    public void unload(String model, boolean withMembers) {
        synchronized (changing) {
            var models = entries.ids(model);
            if (models.isEmpty() && folders.named(model).isEmpty()) {
                throw ServingException.notFound(
                        "failed to unload '" + model + "', no such model is loaded or in a repository");
            }
            for (var each : models) {
                unload(each, withMembers);
            }
        }
    }

    private void unload(ModelId model, boolean withMembers) {
        synchronized (changing) {
            var entry = entries.of(model);
            takeOutCallersOf(model);
            ensembles.forget(model);
            entries.put(model, entry.takenOut(model, Entry.UNLOADED));
            var newest = entry.newest();
            var leftBehind =
                    withMembers && newest != null ? ensembles.leftBehindBy(newest.config()) : List.<ModelId>of();
            if (leftBehind.isEmpty()) {
                retirement.inBackground(model, entry.ready().values());
                return;
            }
            // what is on its way through the ensemble still needs them
            entry.ready().values().forEach(retirement::now);
            for (var member : leftBehind) {
                unload(member, true);
            }
        }
    }

    /** Waits until what is on its way through the ensembles has been answered: the model is needed until then. */
    private void takeOutCallersOf(ModelId model) {
        for (var caller : ensembles.dependents(model)) {
            takeOutCallersOf(caller.id());
            ensembles.desert(caller.id());
            entries.put(
                    caller.id(),
                    entries.of(caller.id())
                            .takenOut(caller.id(), Entry.UNLOADED + " with '" + model + "', which it calls"));
            retirement.now(caller);
        }
    }

    /** Brings memory to what is on disk. What cannot be read changes nothing, and no model's fault keeps others from being followed. */
    public void poll() {
        ModelFolders.Listing listing;
        try {
            listing = folders.list();
        } catch (IOException unreadable) {
            log.log(
                    Level.WARNING,
                    "the model repository cannot be read, all models stay as they are: {0}",
                    unreadable.toString());
            return;
        }
        listing.models().forEach(id -> following(id, this::loadIfChanged));
        for (var id : entries.ids()) {
            var why = listing.unreadable().get(id);
            if (why != null) {
                log.log(Level.WARNING, "{0} cannot be looked at and stays as it is: {1}", id, why);
            } else if (!listing.models().contains(id)) {
                following(id, this::drop);
            }
        }
    }

    private interface Step {
        void take(ModelId model) throws LoadException;
    }

    private static void following(ModelId model, Step step) {
        try {
            step.take(model);
        } catch (LoadException | ServingException logged) {
            log.log(Level.DEBUG, "poll of {0}: {1}", model, logged.getMessage());
        } catch (RuntimeException fault) {
            log.log(Level.ERROR, "'" + model + "' could not be followed this time", fault);
        }
    }

    private void loadIfChanged(ModelId model) throws LoadException {
        var entry = entries.find(model);
        var folder = folders.find(model);
        if (folder.isPresent()
                && (entry == null || !entry.fingerprint().equals(VersionSet.fingerprint(folder.get())))) {
            synchronized (changing) {
                load(model, LoadOverrides.NONE);
            }
        }
    }

    private void drop(ModelId model) {
        synchronized (changing) {
            unload(model, false);
            entries.remove(model);
            followChange(model);
        }
    }

    /** Takes everything down, waiting for what is running; true when all of it finished in time. */
    public boolean close(Duration deadline) throws InterruptedException {
        synchronized (changing) {
            long end = System.nanoTime() + deadline.toNanos();
            boolean all = true;
            for (var version : ensembles.callersFirst(models.ready())) {
                all &= version.retire(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
            }
            entries.clear();
            return all;
        }
    }
}
