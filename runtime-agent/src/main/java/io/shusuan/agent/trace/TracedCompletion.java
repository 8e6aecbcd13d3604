package io.shusuan.agent.trace;

import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.ServingException;

/**
 * Tells a trace what a model answers, before the caller hears of it.
 *
 * @param ended what else the end of the model's part means
 */
record TracedCompletion(ModelTrace trace, Runnable ended, Completion next) implements Completion {
    @Override
    public void completed(InferenceResponse response) {
        trace.answered(response.version(), response.outputs());
        trace.ends(null);
        ended.run();
        next.completed(response);
    }

    @Override
    public void partial(InferenceResponse response) {
        trace.answered(response.version(), response.outputs());
        next.partial(response);
    }

    @Override
    public void completed() {
        trace.ends(null);
        ended.run();
        next.completed();
    }

    @Override
    public void failed(ServingException failure) {
        trace.ends(failure);
        ended.run();
        next.failed(failure);
    }
}
