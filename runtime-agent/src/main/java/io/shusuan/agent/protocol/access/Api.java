package io.shusuan.agent.protocol.access;

import java.util.Optional;

/** The groups of calls that can be restricted, by the names the flags use. */
public enum Api {
    HEALTH("health"),
    METADATA("metadata"),
    INFERENCE("inference"),
    SHARED_MEMORY("shared-memory"),
    MODEL_CONFIG("model-config"),
    MODEL_REPOSITORY("model-repository"),
    STATISTICS("statistics"),
    TRACE("trace"),
    LOGGING("logging");

    private final String text;

    Api(String text) {
        this.text = text;
    }

    public static Optional<Api> named(String name) {
        for (var api : values()) {
            if (api.text.equals(name)) {
                return Optional.of(api);
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return text;
    }
}
