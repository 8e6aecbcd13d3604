package io.shusuan.agent.backend;

import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Tensor;
import java.util.List;

/** Where an instance of a decoupled model leaves its answers to one request, on its own thread. */
public interface Responses {
    /**
     * Sends one answer. The tensors are taken over, also when this throws. It waits while the caller reads slowly.
     *
     * @throws ServingException when nobody waits for answers any more; the instance lets it pass through
     */
    void send(List<Tensor> outputs);

    /**
     * Asks for another step: when {@link BackendInstance#stream} returns, the request goes back into the queue, behind the others that
     * wait there, and comes again with the states that were sent with this step's answers. The request is the caller's throughout, and
     * between its steps the scheduler's; when the stream throws there is no other step.
     *
     * @throws ServingException where the configuration does not have {@code iterative_sequence}
     */
    default void again() {
        throw ServingException.unsupported(
                "the model asks for another step of a request, and its configuration does not have"
                        + " sequence_batching { iterative_sequence: true }");
    }
}
