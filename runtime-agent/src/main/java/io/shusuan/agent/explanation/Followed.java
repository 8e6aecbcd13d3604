package io.shusuan.agent.explanation;

import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.ServingException;

/** Writes down how a request went before its caller hears of it, so that who has an answer can ask at once. */
final class Followed implements Completion {
    private final InferenceRequest request;
    private final Completion next;
    private final Explanations explanations;
    private int responses;
    private long firstResponse;

    Followed(InferenceRequest request, Completion next, Explanations explanations) {
        this.request = request;
        this.next = next;
        this.explanations = explanations;
    }

    @Override
    public void completed(InferenceResponse response) {
        answered();
        explanations.ended(request, firstResponse, new Outcome.Answered(responses));
        next.completed(response);
    }

    @Override
    public void partial(InferenceResponse response) {
        answered();
        next.partial(response);
    }

    @Override
    public void completed() {
        explanations.ended(request, firstResponse, new Outcome.Answered(responses));
        next.completed();
    }

    @Override
    public void failed(ServingException failure) {
        explanations.ended(
                request,
                firstResponse,
                new Outcome.Failed(failure.reason(), Kept.shortened(failure.text()), responses));
        next.failed(failure);
    }

    private void answered() {
        if (responses++ == 0) {
            firstResponse = request.timing().totalNanos();
        }
    }
}
