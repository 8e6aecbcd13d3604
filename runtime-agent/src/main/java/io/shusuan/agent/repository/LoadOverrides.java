package io.shusuan.agent.repository;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.proto.ModelConfig;
import java.util.Map;
import java.util.Optional;

/**
 * What a caller sends with a load to stand in place of what is on disk: the configuration, and files by their paths below the model's
 * folder. With files the model's own folder is not looked at.
 */
public record LoadOverrides(Optional<ModelConfig> config, Map<String, byte[]> files) {
    public static final LoadOverrides NONE = new LoadOverrides(Optional.empty(), Map.of());

    public LoadOverrides {
        files = Map.copyOf(files);
    }

    /** The files need a configuration, which they are loaded by. */
    void check(String model) throws LoadException {
        if (!files.isEmpty() && config.isEmpty()) {
            throw new LoadException("files are given for '" + model
                    + "' without its configuration: send the parameter 'config' with them");
        }
    }
}
