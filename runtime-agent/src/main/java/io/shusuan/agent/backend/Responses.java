package io.shusuan.agent.backend;

import io.shusuan.agent.inference.Tensor;
import java.util.List;

/** Where an instance of a decoupled model leaves its answers to one request, on its own thread. */
public interface Responses {
    /**
     * Sends one answer. The tensors are taken over, also when this throws. It waits while the caller reads slowly.
     *
     * @throws io.shusuan.agent.inference.ServingException when nobody waits for answers any more; the instance lets it pass through
     */
    void send(List<Tensor> outputs);
}
