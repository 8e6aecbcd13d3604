package io.shusuan.agent.scheduling;

import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.ServingException;

/** A request in a queue, with whoever waits for it. Times are {@link System#nanoTime()}; a deadline of 0 is none. */
record Waiting(
        InferenceRequest request, Completion completion, long batchSize, long bytes, long arrived, long deadline) {

    boolean isLate(long now) {
        return deadline != 0 && now - deadline >= 0;
    }

    /** Gives the request up. Called once, by whoever took it out of the queue. */
    void fail(ServingException why) {
        request.close();
        completion.failed(why);
    }

    /** Two requests are the same only when they are one. */
    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(request);
    }
}
