package io.shusuan.agent.repository;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.StandIn;

/** Puts what was loaded in the place of what answered before, so that no request is lost. */
record Succession(
        Entries entries, ModelFolders folders, ModelLoader loader, Ensembles ensembles, Retirement retirement) {

    /**
     * Puts a model that was being made in the place of the one that stood in for it, unless that does not serve any more. The caller
     * has the lock on changes.
     */
    void replace(ServedModel before, StandIn.Successor successor) throws LoadException {
        var id = before.id();
        var entry = entries.of(id);
        if (entry.ready().get(before.version()) != before) {
            return;
        }
        var folder = folders.find(id)
                .orElseThrow(() -> new LoadException("the folder of '" + id + "' is not there any more"));
        var fresh = loader.loadInPlaceOf(before, folder, successor);
        put(id, entry, entry.with(fresh));
    }

    /** Moves what callers find in one step; what serves no more answers what it has. */
    void put(ModelId id, Entry before, Entry after) throws LoadException {
        try {
            ensembles.checkDependents(id, after);
        } catch (LoadException unfit) {
            retirement.inBackground(id, after.without(before));
            throw unfit;
        }
        after.followOn(before);
        entries.put(id, after);
        retirement.inBackground(id, before.without(after));
    }
}
