package io.shusuan.agent.trace;

import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.ServingException;
import java.util.List;

/** Tells a trace what a model answers, before the caller hears of it. */
record TracedCompletion(Trace trace, Completion next) implements Completion {
    @Override
    public void completed(InferenceResponse response) {
        trace.answered(response.outputs());
        trace.modelEnds(null);
        next.completed(response);
    }

    @Override
    public void partial(InferenceResponse response) {
        trace.answered(response.outputs());
        next.partial(response);
    }

    @Override
    public void completed() {
        trace.answered(List.of());
        trace.modelEnds(null);
        next.completed();
    }

    @Override
    public void failed(ServingException failure) {
        trace.modelEnds(failure);
        next.failed(failure);
    }
}
