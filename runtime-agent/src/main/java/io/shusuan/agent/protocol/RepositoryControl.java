package io.shusuan.agent.protocol;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.ConfigFromJson;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.repository.LoadOverrides;
import io.shusuan.agent.repository.ModelControl;
import io.shusuan.agent.repository.ModelState;
import io.shusuan.agent.repository.ModelStatus;
import io.shusuan.agent.repository.Models;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/** The repository as callers over the network may use it: changes only in explicit mode. */
public final class RepositoryControl {
    private static final String FILE = "file:";
    /** Changes go one by one, so that those behind them only wait, each on a thread. */
    private static final int MOST_CHANGES = 64;

    private final Models models;
    private final ModelControl control;
    private final boolean explicit;
    private final Semaphore changes = new Semaphore(MOST_CHANGES);

    public RepositoryControl(Models models, ModelControl control, boolean explicit) {
        this.models = models;
        this.control = control;
        this.explicit = explicit;
    }

    public List<ModelStatus> index(boolean readyOnly) {
        return models.index().stream()
                .filter(line -> !readyOnly || line.state() == ModelState.READY)
                .toList();
    }

    /**
     * Loads a model.
     *
     * @param config the configuration as JSON in place of the one on disk
     * @param files contents by their paths below the model's folder, in place of the folder on disk
     */
    public void load(String model, Optional<String> config, Map<String, byte[]> files) {
        requireExplicit();
        try {
            var given =
                    config.isPresent() ? Optional.of(ConfigFromJson.read(config.get())) : Optional.<ModelConfig>empty();
            control.load(model, new LoadOverrides(given, files));
        } catch (LoadException failed) {
            throw ServingException.invalid("failed to load '" + model + "', no version is available: " + failed.text());
        }
    }

    /**
     * Unloads a model.
     *
     * @param withMembers whether the members go that were loaded with an ensemble
     */
    public void unload(String model, boolean withMembers) {
        requireExplicit();
        control.unload(model, withMembers);
    }

    /** The path in the name of a load parameter that brings a file; empty for another name. */
    public static Optional<String> filePath(String parameter) {
        return parameter.startsWith(FILE) ? Optional.of(parameter.substring(FILE.length())) : Optional.empty();
    }

    public static ServingException unknown(String parameter) {
        return ServingException.invalid("the parameter '" + parameter
                + "' is unknown: a load takes 'config' and 'file:VERSION/NAME', an unload 'unload_dependents'");
    }

    /** Does what waits for disks and engines on a thread of its own. Refuses when so many wait already. */
    public void begin(Runnable change) {
        if (!changes.tryAcquire()) {
            throw ServingException.unavailable(
                    MOST_CHANGES + " models are waiting to be loaded or unloaded already; try again later");
        }
        boolean begun = false;
        try {
            Thread.ofPlatform().daemon().name("repository").start(() -> {
                try {
                    change.run();
                } finally {
                    changes.release();
                }
            });
            begun = true;
        } finally {
            if (!begun) {
                changes.release();
            }
        }
    }

    private void requireExplicit() {
        if (!explicit) {
            throw ServingException.unavailable("explicit model load / unload is not allowed if polling is enabled");
        }
    }
}
