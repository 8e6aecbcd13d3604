package io.shusuan.agent.backend;

import java.util.Optional;

/** An engine. One object per process; its methods may be called from any thread. */
public interface Backend {
    /** The name a configuration gives in {@code backend}. */
    String name();

    /** The engine's version, or what can be said of it when it is not available. */
    String version();

    /** Why the engine cannot be used on this machine; empty when it can. Asking may load native libraries. */
    Optional<String> unavailable();

    /** Whether models of this engine can ask for another step of a request, by {@link Responses#again()}. */
    default boolean iterates() {
        return false;
    }

    /**
     * Opens one version of a model. The caller owns what is returned and closes it after the last instance is closed.
     *
     * @throws LoadException with a sentence fit for the repository index
     */
    BackendModel open(ModelSource source) throws LoadException;
}
