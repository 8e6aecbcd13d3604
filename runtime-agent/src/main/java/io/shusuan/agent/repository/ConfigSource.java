package io.shusuan.agent.repository;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.ConfigDocument;
import io.shusuan.agent.config.ConfigText;
import io.shusuan.agent.config.proto.ModelConfig;
import java.nio.file.Files;
import java.util.Optional;

/**
 * Where a model's configuration is read from: what a load request carries, else {@code configs/<name>.pbtxt} for the name given on the
 * command line, else {@code config.pbtxt}, else nothing, and the model alone tells.
 */
public record ConfigSource(Optional<String> customName) {

    ConfigDocument read(ModelFolder folder, Optional<ModelConfig> override) throws LoadException {
        if (override.isPresent()) {
            return new ConfigDocument(override.get(), "the parameter 'config' for '" + folder.model() + "'", null);
        }
        if (customName.isPresent()) {
            var custom = folder.path().resolve("configs").resolve(customName.get() + ".pbtxt");
            if (Files.exists(custom)) {
                return ConfigText.read(custom);
            }
        }
        return Files.exists(folder.configFile())
                ? ConfigText.read(folder.configFile())
                : ConfigDocument.none(folder.model());
    }
}
