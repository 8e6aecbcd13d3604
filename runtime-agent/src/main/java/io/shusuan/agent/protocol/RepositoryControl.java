package io.shusuan.agent.protocol;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.repository.ModelState;
import io.shusuan.agent.repository.ModelStatus;
import io.shusuan.agent.repository.Models;
import java.util.List;

/** The repository as callers over the network may use it: changes only in explicit mode. */
public final class RepositoryControl {
    private final Models models;
    private final boolean explicit;

    public RepositoryControl(Models models, boolean explicit) {
        this.models = models;
        this.explicit = explicit;
    }

    public List<ModelStatus> index(boolean readyOnly) {
        return models.index().stream()
                .filter(line -> !readyOnly || line.state() == ModelState.READY)
                .toList();
    }

    public void load(String model) {
        requireExplicit();
        try {
            models.load(model);
        } catch (LoadException failed) {
            throw ServingException.invalid("failed to load '" + model + "', no version is available: " + failed.text());
        }
    }

    public void unload(String model) {
        requireExplicit();
        try {
            models.unload(model);
        } catch (LoadException failed) {
            throw ServingException.invalid("failed to unload '" + model + "': " + failed.text());
        }
    }

    private void requireExplicit() {
        if (!explicit) {
            throw ServingException.unavailable("explicit model load / unload is not allowed if polling is enabled");
        }
    }
}
