package io.shusuan.agent.repository;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.StandIn;

/** Puts a model that was being made in the place of the one that answered meanwhile, as a reload does: no request is lost. */
record Succession(
        Entries entries, ModelFolders folders, ModelLoader loader, Ensembles ensembles, Retirement retirement) {

    /** Does nothing when the stand-in does not serve any more. The caller has the lock on changes. */
    void replace(ServedModel before, StandIn.Successor successor) throws LoadException {
        var id = before.id();
        var entry = entries.of(id);
        if (entry.ready().get(before.version()) != before) {
            return;
        }
        var folder = folders.find(id)
                .orElseThrow(() -> new LoadException("the folder of '" + id + "' is not there any more"));
        var fresh = loader.loadInPlaceOf(before, folder, successor);
        var after = entry.with(fresh);
        try {
            ensembles.checkDependents(id, after);
        } catch (LoadException unfit) {
            retirement.inBackground(id, after.without(entry));
            throw unfit;
        }
        after.followOn(entry);
        entries.put(id, after);
        retirement.inBackground(id, entry.without(after));
    }
}
