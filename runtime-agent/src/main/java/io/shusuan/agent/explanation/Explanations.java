package io.shusuan.agent.explanation;

import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.ServingException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The last requests that had an id; with verbose logging a line for each request, too. Those that failed are kept apart from those that were answered, so that a flood of the one does
 * not wash the other away.
 */
public final class Explanations {
    /** A longer id is not kept: the caller chose it, and it would be the only thing here without a bound. */
    private static final int LONGEST_ID = 256;

    private static final Logger log = System.getLogger(Explanations.class.getName());

    private final int capacity;
    private final InstantSource clock;
    private final Kept answered;
    private final Kept failed;

    /** @param capacity how many of each kind are kept; 0 keeps none */
    public Explanations(int capacity, InstantSource clock) {
        this.capacity = capacity;
        this.clock = clock;
        this.answered = new Kept(capacity);
        this.failed = new Kept(capacity);
    }

    public int capacity() {
        return capacity;
    }

    /** The completion to give to the model in place of the caller's; the same one when nobody could hear of the request. */
    public Completion follow(InferenceRequest request, Completion next) {
        return isKept(request) || log.isLoggable(Level.DEBUG) ? new Followed(request, next, this) : next;
    }

    /** The request never reached a queue. */
    public void refused(InferenceRequest request, ServingException why) {
        if (isKept(request) || log.isLoggable(Level.DEBUG)) {
            ended(request, 0, new Outcome.Failed(why.reason(), Kept.shortened(why.text()), 0));
        }
    }

    private boolean isKept(InferenceRequest request) {
        int length = request.id().length();
        return length > 0 && length <= LONGEST_ID && capacity > 0;
    }

    void ended(InferenceRequest request, long firstResponse, Outcome outcome) {
        var explanation = Explanation.of(request, firstResponse, outcome, clock.instant());
        if (log.isLoggable(Level.DEBUG)) {
            log.log(Level.DEBUG, request.label() + explanation.sentence());
        }
        if (!isKept(request)) {
            return;
        }
        switch (outcome) {
            case Outcome.Answered _ -> answered.add(explanation);
            case Outcome.Failed _ -> failed.add(explanation);
        }
    }

    /** All that is known of an id, oldest first: callers may have used it more than once. */
    public List<Explanation> of(String id) {
        return Stream.concat(answered.of(id).stream(), failed.of(id).stream())
                .sorted(Comparator.comparing(Explanation::received))
                .toList();
    }
}
