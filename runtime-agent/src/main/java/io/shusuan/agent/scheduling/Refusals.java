package io.shusuan.agent.scheduling;

import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;

/** What is said to a request that cannot be queued. */
final class Refusals {
    private Refusals() {}

    static ServingException tooMany(InferenceRequest request, String label, int waiting) {
        return ServingException.unavailable(request.label() + "Exceeds maximum queue size of " + label + ": " + waiting
                + " requests are waiting and no more may; try again later");
    }

    static ServingException tooManyBytes(InferenceRequest request, QueuedBytes bytes) {
        return ServingException.unavailable(request.label()
                + "Exceeds the memory for waiting requests: all models' queues together hold at most " + bytes.limit()
                + " bytes; try again later");
    }

    static ServingException cancelled(InferenceRequest request) {
        return new ServingException(Reason.CANCELLED, request.label() + "the caller went away");
    }
}
