package io.shusuan.agent.inference;

/**
 * Whoever waits for a request's outcome. Exactly one of the two is called, once, on the instance's thread; neither may block.
 */
public interface Completion {
    /** The response now belongs to the callee, which closes it. */
    void completed(InferenceResponse response);

    void failed(ServingException failure);
}
