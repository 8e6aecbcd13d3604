package io.shusuan.agent.inference;

/**
 * Whoever waits for a request's outcome. A model answers once, with {@link #completed(InferenceResponse)}; a decoupled one any
 * number of times with {@link #partial} and then with {@link #completed()}. {@link #failed} may take the place of either end.
 * Exactly one of the three ends is called, once, after every partial answer; all calls come from the instance's thread.
 */
public interface Completion {
    /** The one response, which now belongs to the callee, who closes it. Does not block. */
    void completed(InferenceResponse response);

    /** The request failed; what was answered before stands. Does not block. */
    void failed(ServingException failure);

    /**
     * One response of several, which now belongs to the callee, also when this throws. It may wait for a reader who is slow, so that
     * answers do not pile up in memory.
     *
     * @throws ServingException CANCELLED when nobody listens any more: the model may stop
     */
    default void partial(InferenceResponse response) {
        response.close();
        throw ServingException.unsupported("this call takes one answer and the model gives several");
    }

    /** There is no further response. Does not block. */
    default void completed() {
        failed(ServingException.unsupported("this call takes one answer and the model gives several"));
    }
}
