package io.shusuan.agent.engine.build;

import io.shusuan.agent.engine.graph.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What makes two engines the same. A conversion changes the graph, and with it the model's digest; what the gates were asked is part of it
 * because a verdict is kept with the engine.
 *
 * @param text all that it is made of, for people
 */
public record EngineKey(String text) {
    static EngineKey of(String model, Platform platform, BuildSettings settings, String gates) {
        return new EngineKey("model " + model + "\nTensorRT " + platform.versions(settings) + "\nGPU "
                + platform.architectures(settings) + "\n" + settings + "\n" + gates);
    }

    /** Of which the engine in a folder is; empty where the folder does not say. */
    static Optional<EngineKey> in(Path folder) throws IOException {
        var file = folder.resolve(BuiltEngine.KEY);
        return Files.isRegularFile(file)
                ? Optional.of(new EngineKey(Files.readString(file).strip()))
                : Optional.empty();
    }

    /** The name of a folder. */
    String id() {
        return Sha256.of(text);
    }
}
