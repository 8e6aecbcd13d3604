package io.shusuan.agent.scheduling;

import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Timing;
import io.shusuan.agent.metrics.ModelStatistics;

/** Counts a request's failure before it is told, wherever between queue and engine it comes from. */
record Counted(Completion next, ModelStatistics statistics, Timing timing) implements Completion {
    @Override
    public void completed(InferenceResponse response) {
        next.completed(response);
    }

    @Override
    public void partial(InferenceResponse response) {
        next.partial(response);
    }

    @Override
    public void completed() {
        next.completed();
    }

    @Override
    public void failed(ServingException failure) {
        statistics.failed(failure.reason(), timing);
        next.failed(failure);
    }
}
