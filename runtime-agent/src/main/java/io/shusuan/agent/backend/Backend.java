package io.shusuan.agent.backend;

import io.shusuan.agent.inference.DeviceMemory;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** An engine. One object per process; its methods may be called from any thread. */
public interface Backend {
    /** The name a configuration gives in {@code backend}. */
    String name();

    /** The engine's version, or what can be said of it when it is not available. */
    String version();

    /** Why the engine cannot be used on this machine; empty when it can. Asking may load native libraries. */
    Optional<String> unavailable();

    /** The GPUs that this process can use no more, by their numbers, each with the reason. */
    default Map<Integer, String> lostGpus() {
        return Map.of();
    }

    /**
     * Has the listener told when a GPU is lost to this process, once for each, with the reason. It is told by the thread that met it, and
     * must not wait.
     */
    default void whenGpuLost(Consumer<String> listener) {}

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
