package io.shusuan.agent.backend;

import java.util.List;
import java.util.Optional;

/** A model as its engine sees it: weights in memory, shared by the instances made from it. */
public interface BackendModel extends AutoCloseable {
    /** The model's tensors as the engine reports them; empty when only the configuration can say. */
    default Optional<Signature> signature() {
        return Optional.empty();
    }

    /** What the engine settled on (threads, device), for the log. */
    String description();

    /**
     * Makes instance number {@code ordinal}. The caller owns it and closes it before this model.
     *
     * @throws LoadException when the engine cannot make it
     */
    BackendInstance instance(int ordinal) throws LoadException;

    /** Why nothing can run any more, whatever is asked; empty while all is well. */
    default Optional<String> failure() {
        return Optional.empty();
    }

    /** What it takes of GPUs, whether it uses it already or not; empty where its engine does not count that. */
    default List<GpuMemory> gpuMemory() {
        return List.of();
    }

    /** What it stands in for, when it is not the model that was asked for. */
    default Optional<StandIn> standIn() {
        return Optional.empty();
    }

    /** Frees the weights. Called once, after every instance is closed. */
    @Override
    void close();
}
