package io.shusuan.agent.backend;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Tensor;
import java.util.List;

/** One execution context. All calls after its making come from one platform thread, one at a time. */
public interface BackendInstance extends AutoCloseable {
    /**
     * Runs the model.
     *
     * <p>The request stays the caller's: an instance that answers with an input's buffer retains it. The outputs belong to the
     * caller. When this throws, nothing is left retained. The instance marks the phases in
     * {@link InferenceRequest#timing()}.
     *
     * @throws io.shusuan.agent.inference.ServingException when the engine refuses or fails
     */
    List<Tensor> run(InferenceRequest request);

    /** Whether it can run nothing any more, whatever is asked; others of its model may. */
    default boolean isLost() {
        return false;
    }

    /** How many requests it can have in hand: with more than one it begins with the next while the one before is computed. */
    default int inHand() {
        return 1;
    }

    /**
     * Begins to run the model. What holds for {@link #run} holds here; the request must last until {@link Begun#finish} was called, once,
     * in the order of the beginnings.
     */
    default Begun begin(InferenceRequest request) {
        var outputs = run(request);
        return () -> outputs;
    }

    /** A request that is with the engine. */
    interface Begun {
        /** Waits for the outputs, which belong to the caller. */
        List<Tensor> finish();
    }

    /**
     * Runs a decoupled model: it sends as many answers as there are, each as soon as it is there, and returns when no more will come.
     * What was sent before this throws stands. What holds for the request in {@link #run} holds here.
     */
    default void stream(InferenceRequest request, Responses responses) {
        responses.send(run(request));
    }

    /**
     * Memory that a batch's input is gathered in: the caller owns the buffer, which has room for exactly so much, and writes all of it.
     * An engine that must have its inputs in memory of its own gives that; it is used for the next run alone.
     */
    default ByteBuf inputMemory(String input, int bytes) {
        return InputMemory.ANY.of(input, bytes);
    }

    /** Frees the context. Called once, by the instance's own thread. */
    @Override
    void close();
}
