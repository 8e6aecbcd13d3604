package io.shusuan.agent.explanation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The newest of many explanations. Writers never wait; what a slow one overtakes is lost, not mixed up. */
final class Kept {
    /** What a caller chose is kept up to this length: names of unknown models, and messages that repeat them, have no other bound. */
    private static final int LONGEST_TEXT = 512;

    private final AtomicReferenceArray<Explanation> ring;
    private final AtomicLong next = new AtomicLong();

    Kept(int capacity) {
        this.ring = new AtomicReferenceArray<>(capacity);
    }

    static String shortened(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "…";
    }

    void add(Explanation explanation) {
        ring.setRelease((int) (next.getAndIncrement() % ring.length()), explanation);
    }

    List<Explanation> of(String id) {
        var found = new ArrayList<Explanation>();
        for (int i = 0; i < ring.length(); i++) {
            var explanation = ring.getAcquire(i);
            if (explanation != null && explanation.id().equals(id)) {
                found.add(explanation);
            }
        }
        return found;
    }
}
