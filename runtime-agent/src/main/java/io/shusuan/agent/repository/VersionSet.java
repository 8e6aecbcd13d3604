package io.shusuan.agent.repository;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.ConfigDocument;
import io.shusuan.agent.scheduling.ensemble.Members;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The versions of a model that shall serve together, as they lie on disk now. */
record VersionSet(ModelFolder folder, ConfigDocument document, List<Long> chosen, String fingerprint) {
    private static final Logger log = System.getLogger(Models.class.getName());

    static List<Long> chosen(ModelFolder folder, ConfigDocument document) throws LoadException {
        var chosen = folder.chosenBy(document.config().getVersionPolicy());
        if (chosen.isEmpty() && !folder.rejected().isEmpty()) {
            throw new LoadException(folder.rejected().lastEntry().getValue());
        }
        if (chosen.isEmpty()) {
            throw new LoadException(
                    "model '" + folder.model() + "' has no version to serve: its version_policy chooses none of "
                            + folder.versions() + " in " + folder.path());
        }
        return chosen;
    }

    /**
     * Loads what is new; versions that have not changed are taken over.
     *
     * @throws LoadException when a version fails while others serve, or none is left to serve
     */
    Entry load(Entry before, ModelLoader loader, Members members, Retirement retirement) throws LoadException {
        var ready = new HashMap<Long, ServedModel>();
        var stamps = new HashMap<Long, String>();
        var others = new HashMap<Long, ModelStatus>();
        var fresh = new ArrayList<ServedModel>();
        for (long version : chosen) {
            var stamp = stamp(folder, document, version);
            stamps.put(version, stamp);
            var unchanged = before.ready().get(version);
            if (unchanged != null
                    && !unchanged.isMakeshift()
                    && stamp.equals(before.stamps().get(version))) {
                ready.put(version, unchanged);
                continue;
            }
            try {
                var loaded = loader.load(folder, document, version, members);
                fresh.add(loaded);
                ready.put(version, loaded);
            } catch (LoadException failed) {
                log.log(Level.ERROR, "{0}", failed.text());
                others.put(version, new ModelStatus(folder.id(), version, ModelState.UNAVAILABLE, failed.text()));
            }
        }
        if (!others.isEmpty() && (ready.isEmpty() || !before.ready().isEmpty())) {
            retirement.inBackground(folder.id(), fresh);
            throw new LoadException(others.values().iterator().next().reason());
        }
        folder.rejected()
                .forEach((version, why) ->
                        others.put(version, new ModelStatus(folder.id(), version, ModelState.UNAVAILABLE, why)));
        return new Entry(Map.copyOf(ready), Map.copyOf(others), Map.copyOf(stamps), fingerprint);
    }

    /** What is another one when a version would be loaded anew. */
    static String stamp(ModelFolder folder, ConfigDocument document, long version) throws LoadException {
        return document.config() + "\n" + fingerprint(folder.part(version));
    }

    static String fingerprint(ModelFolder folder) throws LoadException {
        try {
            return folder.fingerprint();
        } catch (IOException unreadable) {
            throw new LoadException("cannot read " + folder.path() + ": " + unreadable, unreadable);
        }
    }
}
