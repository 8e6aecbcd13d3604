package io.shusuan.agent.scheduling;

import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.ServingException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests in the order they came, whichever instance is done first. An outcome that is early waits here, with its response,
 * until those before it have been handed over.
 */
final class ResponseOrder {
    private final ArrayDeque<Place> line = new ArrayDeque<>();
    private boolean handingOver;

    /** A place in the line for one request. */
    final class Place implements Completion {
        private final Completion next;
        private @Nullable Runnable outcome;

        private Place(Completion next) {
            this.next = next;
        }

        @Override
        public void completed(InferenceResponse response) {
            settle(this, () -> next.completed(response));
        }

        @Override
        public void failed(ServingException failure) {
            settle(this, () -> next.failed(failure));
        }

        @Override
        public void partial(InferenceResponse response) {
            // a decoupled model answers while others do: only its end has a place
            next.partial(response);
        }

        @Override
        public void completed() {
            settle(this, next::completed);
        }

        /** Leaves the line without an outcome: the request was refused. */
        void abandon() {
            settle(this, () -> {});
        }
    }

    synchronized Place join(Completion completion) {
        var place = new Place(completion);
        line.add(place);
        return place;
    }

    private void settle(Place place, Runnable outcome) {
        synchronized (this) {
            place.outcome = outcome;
            if (handingOver) {
                return;
            }
            handingOver = true;
        }
        for (var ready = nextReady(); ready != null; ready = nextReady()) {
            ready.run();
        }
    }

    private synchronized @Nullable Runnable nextReady() {
        var head = line.peek();
        if (head == null || head.outcome == null) {
            handingOver = false;
            return null;
        }
        line.remove();
        return head.outcome;
    }
}
