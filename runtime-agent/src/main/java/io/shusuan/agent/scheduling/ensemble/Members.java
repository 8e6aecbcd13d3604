package io.shusuan.agent.scheduling.ensemble;

import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;

/** The models an ensemble calls. */
public interface Members {
    /**
     * Gives a request to its model in a namespace, which is empty where names are unique. When this returns the request belongs to the model; when it throws it is still the caller's.
     *
     * @throws io.shusuan.agent.inference.ServingException when the model is not there or cannot take the request
     */
    void infer(String namespace, InferenceRequest request, Completion completion);

    /** Whether a model gives several answers to a request; version 0 is the newest. */
    boolean isDecoupled(String namespace, String model, long version);
}
