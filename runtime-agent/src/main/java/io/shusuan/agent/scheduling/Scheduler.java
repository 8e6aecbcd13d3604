package io.shusuan.agent.scheduling;

import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import java.time.Duration;

/** What stands between a model version and its callers. Its methods may be called from any thread. */
public interface Scheduler {
    /**
     * Gives a checked request to the model. When this returns true the request belongs to the scheduler, which closes it and calls
     * {@code completion} exactly once, also when the request is cancelled or its time is over. When it returns false the scheduler is
     * closed and the request is still the caller's; {@code completion} is never called.
     *
     * @throws io.shusuan.agent.inference.ServingException when the request cannot be queued; it is still the caller's
     */
    boolean submit(InferenceRequest request, Completion completion);

    /**
     * Says whose place this one takes, before it is given a request: what belongs together and began there may go on there. The one
     * before is closed later, if at all.
     */
    default void takePlaceOf(Scheduler before) {
        // requests that have nothing to do with each other need no past
    }

    /** Requests that wait for an instance. */
    int pending();

    /** Lets no request wait for others any more, because the server is ending and every answer is awaited. */
    void hurry();

    /** Refuses new requests from now on; those that wait are still served. */
    void close();

    /** Waits until everything taken over has been served and the instances are closed; false when the time was not enough. */
    boolean awaitClosed(Duration deadline) throws InterruptedException;
}
