package io.shusuan.agent.repository;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelFiles;
import io.shusuan.agent.inference.ServingException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;

/** What repositories hold, for those who look after it without serving it. */
public final class ModelsOnDisk {
    private static final Logger log = System.getLogger(ModelsOnDisk.class.getName());

    private final ModelFolders folders;
    private final ModelLoader loader;

    public ModelsOnDisk(ModelFolders folders, ModelLoader loader) {
        this.folders = folders;
        this.loader = loader;
    }

    /**
     * The versions that an agent would serve by a backend. A model that cannot be read is left out: those who are to serve it say why.
     *
     * @throws IOException when a repository cannot be read, which is not the same as an empty one
     */
    public List<ModelFiles> of(String backend) throws IOException {
        var found = new ArrayList<ModelFiles>();
        for (var id : folders.list().models()) {
            try {
                var folder = folders.find(id);
                if (folder.isPresent()) {
                    found.addAll(versions(folder.get(), backend));
                }
            } catch (LoadException | ServingException unreadable) {
                log.log(Level.DEBUG, "{0} is passed over: {1}", id, unreadable.getMessage());
            }
        }
        return found;
    }

    private List<ModelFiles> versions(ModelFolder folder, String backend) throws LoadException {
        var document = loader.configOf(folder, LoadOverrides.NONE);
        if (!document.config().getBackend().equals(backend)) {
            return List.of();
        }
        var versions = new ArrayList<ModelFiles>();
        for (long version : VersionSet.chosen(folder, document)) {
            versions.add(new ModelFiles(
                    ModelLoader.source(folder, document, version), VersionSet.stamp(folder, document, version)));
        }
        return versions;
    }
}
