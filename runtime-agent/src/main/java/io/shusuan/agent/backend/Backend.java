package io.shusuan.agent.backend;

import io.shusuan.agent.backend.gpu.Gpus;
import io.shusuan.agent.inference.DeviceMemory;
import java.util.Optional;

/** An engine. One object per process; its methods may be called from any thread. */
public interface Backend {
    /** The name a configuration gives in {@code backend}. */
    String name();

    /** The engine's version, or what can be said of it when it is not available. */
    String version();

    /** Why the engine cannot be used on this machine; empty when it can. Asking may load native libraries. */
    Optional<String> unavailable();

    /** What is known of the GPUs that this engine may run on, which others may run on as well; empty where it has none. */
    default Optional<Gpus> gpus() {
        return Optional.empty();
    }

    /** Opens memory of a GPU that another process shares; empty where this engine has no GPUs. See {@link DeviceMemory.Source}. */
    default Optional<DeviceMemory> openDeviceMemory(int gpu, byte[] handle, long bytes) {
        return Optional.empty();
    }

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
