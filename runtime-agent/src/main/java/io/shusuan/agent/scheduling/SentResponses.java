package io.shusuan.agent.scheduling;

import io.shusuan.agent.backend.Responses;
import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.metrics.ModelStatistics;
import java.util.List;

/** Passes the answers of a decoupled model on, counts each by its place, and stops the model when nobody listens any more. */
final class SentResponses implements Responses {
    private final InferenceRequest request;
    private final long version;
    private final Completion completion;
    private final ModelStatistics statistics;
    private long begin = System.nanoTime();
    private final boolean iterates;
    private int index;
    private boolean again;

    SentResponses(
            InferenceRequest request,
            long version,
            Completion completion,
            ModelStatistics statistics,
            boolean iterates,
            int sentBefore) {
        this.request = request;
        this.version = version;
        this.completion = completion;
        this.statistics = statistics;
        this.iterates = iterates;
        this.index = sentBefore;
    }

    @Override
    public void send(List<Tensor> outputs) {
        var response = new InferenceResponse(request.model(), version, request.id(), outputs);
        if (request.isCancelled()) {
            response.close();
            throw new ServingException(Reason.CANCELLED, request.label() + "the caller went away");
        }
        long computed = System.nanoTime();
        if (index == 0) {
            statistics.firstResponse(request.timing().totalNanos());
        }
        completion.partial(response);
        long sent = System.nanoTime();
        statistics.responses().succeeded(index++, computed - begin, sent - computed);
        begin = sent;
    }

    @Override
    public void again() {
        if (!iterates) {
            Responses.super.again();
        }
        again = true;
    }

    int sent() {
        return index;
    }

    /** Whether the model wants another step. */
    boolean wantsAgain() {
        return again;
    }

    void failed(Reason reason) {
        statistics.responses().failed(index, reason, System.nanoTime() - begin);
    }
}
