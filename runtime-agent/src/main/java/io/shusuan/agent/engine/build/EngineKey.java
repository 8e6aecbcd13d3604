package io.shusuan.agent.engine.build;

import io.shusuan.agent.engine.graph.Sha256;

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

    /** The name of a folder. */
    String id() {
        return Sha256.of(text);
    }
}
